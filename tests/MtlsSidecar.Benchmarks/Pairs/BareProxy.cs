using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace MtlsSidecar.Benchmarks.Pairs;

/// <summary>
/// The least that Kestrel and YARP can be made to do: forward every request over mutual TLS, accepting any certificate. It judges nobody, limits
/// nothing, counts and logs nothing: the floor of this platform that our pair is held against.
/// </summary>
internal static class BareProxy
{
    public const string Command = "bare-proxy";

    /// <param name="side"><c>inbound</c> takes mutual TLS, <c>outbound</c> originates it.</param>
    /// <param name="port">Where it listens, on loopback.</param>
    /// <param name="destination">The port it forwards to, on loopback.</param>
    /// <param name="certificateFile">Its certificate, PEM.</param>
    /// <param name="keyFile">The key, PEM.</param>
    public static async Task<int> RunAsync(string side, string port, string destination, string certificateFile, string keyFile)
    {
        var inbound = side == "inbound";
        using var pem = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        var identity = SslStreamCertificateContext.Create(pem, additionalCertificates: null, offline: true);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddHttpForwarder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture), listen =>
        {
            listen.Protocols = inbound ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
            if (inbound)
            {
                listen.UseHttps(new TlsHandshakeCallbackOptions
                {
                    OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                    {
                        ServerCertificateContext = identity,
                        ClientCertificateRequired = true,
                        RemoteCertificateValidationCallback = AcceptAnyone,
                    }),
                });
            }
        }));
        await using var application = builder.Build();
        var forwarder = application.Services.GetRequiredService<IHttpForwarder>();
        using var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            SslOptions = { ClientCertificateContext = inbound ? null : identity, RemoteCertificateValidationCallback = AcceptAnyone },
        });
        var request = inbound
            ? ForwarderRequestConfig.Empty
            : new ForwarderRequestConfig { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        var prefix = $"{(inbound ? "http" : "https")}://127.0.0.1:{destination}";
        application.Run(async context => await forwarder.SendAsync(context, prefix, client, request, HttpTransformer.Default));
        await application.RunAsync();
        return 0;
    }

    // Both ends are ours and on loopback; nothing is protected here.
    private static bool AcceptAnyone(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => true;
}
