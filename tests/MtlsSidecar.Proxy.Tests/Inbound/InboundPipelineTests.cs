using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Authorization;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Draining;
using MtlsSidecar.Proxy.Hosting;
using MtlsSidecar.Proxy.Inbound;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Proxy.Tests.Http;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;
using Yarp.ReverseProxy.Forwarder;

namespace MtlsSidecar.Proxy.Tests.Inbound;

/// <summary>Kestrel, the pipeline, YARP and an application below HTTP: what was judged against the bytes that arrive.</summary>
public sealed class InboundPipelineTests : IAsyncLifetime, IDisposable
{
    private const string Web = "spiffe://foo.test/ns/default/sa/web";
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly RawApplication _application = RawApplication.AnsweringEmpty();
    private readonly AuthorizationOptions _authorization = new();
    private readonly ConcurrentQueue<string> _log = new();
    private ValidatedPeer? _peer;
    private bool _isClosing;
    private IHttpForwarder? _forwarder;
    private FixedSvid? _svid;

    public async Task InitializeAsync()
    {
        using var web = _root.Issue(new IssueOptions { Uris = [Web] });
        using var orders = _root.Issue(new IssueOptions { Uris = ["spiffe://foo.test/ns/default/sa/orders"] });
        _peer = await ValidatedPeers.ValidateAsync(_root, web);
        _svid = new FixedSvid(X509Svid.FromPem(orders.CertificatePem, orders.KeyPem));
        Add("all", AuthorizationAction.Allow, new());
    }

    public async Task DisposeAsync() => await _application.DisposeAsync();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task AllowedRequest_ArrivesWithThePeersIdentity()
    {
        (await SendAsync("GET /a%41//b;c?d=%2f HTTP/1.1", "Host: orders", "X-Forwarded-Client-Cert: forged")).Should().StartWith("HTTP/1.1 200 ");

        _application.Received.Should().StartWith("GET /a%41//b;c?d=%2f HTTP/1.1\r\n")
            .And.Contain("Host: orders\r\n").And.Contain("URI=" + Web).And.NotContain("forged");
    }

    [Fact]
    public async Task DeniedRequest_NeverArrives()
    {
        Add("no", AuthorizationAction.Deny, To(new() { Paths = ["/admin/*"] }));

        (await SendAsync("GET /ADMIN/users HTTP/1.1", "Host: orders")).Should().StartWith("HTTP/1.1 403 ").And.NotContain("\"no\"");

        _application.Connections.Should().Be(0);
    }

    [Theory]
    [InlineData("get / HTTP/1.1", "X-A: 1")]
    [InlineData("POST / HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket")]
    public async Task MethodThatWouldArriveAsAnother_IsRefused(string requestLine, string headers)
    {
        Add("no-get", AuthorizationAction.Deny, To(new() { Methods = ["GET"] }));

        (await SendAsync(requestLine, "Host: orders", headers)).Should().StartWith("HTTP/1.1 400 ");

        _application.Connections.Should().Be(0);
    }

    [Theory]
    [InlineData("SPDY/3.1")]
    [InlineData("h2c")]
    public async Task SwitchToAnotherProtocol_IsNotOfferedToTheApplication(string protocol)
    {
        (await SendAsync("GET / HTTP/1.1", "Host: orders", "Connection: Upgrade, HTTP2-Settings", "Upgrade: " + protocol, "HTTP2-Settings: AAMAAABkAAQ")).Should().StartWith("HTTP/1.1 200 ");

        _application.Received.Should().NotContainEquivalentOf("upgrade:").And.NotContainEquivalentOf("http2-settings").And.NotContain(protocol);
    }

    [Fact]
    public async Task HeadersNamedByConnection_DoNotArriveThoughKeepAliveStandsBesideThem()
    {
        await SendAsync("GET / HTTP/1.1", "Host: orders", "Connection: keep-alive, X-Hop, X-Forwarded-Client-Cert", "X-Hop: 1", "X-End: 2");

        _application.Received.Should().NotContain("X-Hop").And.Contain("X-End: 2\r\n").And.Contain("X-Forwarded-Client-Cert: By=");
    }

    [Fact]
    public async Task HeaderValue_ArrivesByteForByte()
    {
        (await SendAsync("GET / HTTP/1.1", "Host: orders", "X-Latin: caf\u00e9", "X-Utf8: caf\u00c3\u00a9")).Should().StartWith("HTTP/1.1 200 ");

        _application.Received.Should().Contain("X-Latin: caf\u00e9\r\n").And.Contain("X-Utf8: caf\u00c3\u00a9\r\n");
    }

    [Theory]
    [InlineData("GET", false)]
    [InlineData("CONNECT", true)]
    public async Task WebSocketOverHttp2_IsJudgedAsGet(string deniedMethod, bool arrives)
    {
        Add("no", AuthorizationAction.Deny, To(new() { Methods = [deniedMethod] }));
        await using var server = await StartAsync(HttpProtocols.Http2);

        await server.SendAsync(
            RawHttp2Request.Create((":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":path", "/ws"), (":authority", "orders")),
            HasHeadersFrame);

        (_application.Connections > 0).Should().Be(arrives, "only a Deny of GET concerns it");
    }

    [Fact]
    public async Task RequestOnAConnectionThatIsBeingClosed_IsCutAndAccountedForAsThat()
    {
        _isClosing = true;

        await FluentActions.Awaiting(() => SendAsync("GET /secret HTTP/1.1", "Host: orders")).Should().ThrowAsync<IOException>();

        _application.Connections.Should().Be(0);
        _log.Should().ContainSingle().Which.Should().Contain(" 499 in ").And.EndWith(" connection_closing");
    }

    [Fact]
    public async Task Defect_IsAccountedForAsTheErrorThatTheCallerGets()
    {
        _forwarder = new DefectiveForwarder();

        (await SendAsync("GET / HTTP/1.1", "Host: orders")).Should().StartWith("HTTP/1.1 500 ");

        _log.Should().ContainSingle().Which.Should().Contain(" 500 in ");
    }

    private static bool HasHeadersFrame(string bytes)
    {
        for (var i = 0; i + 9 <= bytes.Length; i += 9 + (bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2]))
        {
            if (bytes[i + 3] == 1)
            {
                return true;
            }
        }

        return false;
    }

    private static AuthorizationRuleOptions To(RuleOperationOptions operation) => new() { To = [operation] };

    private void Add(string name, AuthorizationAction action, AuthorizationRuleOptions rule)
        => _authorization.Policies.Add(new() { Name = name, Action = action, Rules = [rule] });

    private async Task<string> SendAsync(params string[] lines)
    {
        await using var server = await StartAsync(HttpProtocols.Http1);
        var (answer, _) = await server.SendAsync(
            Encoding.Latin1.GetBytes(string.Join("\r\n", lines) + "\r\n\r\n"),
            answer => answer.EndsWith("\r\n\r\n", StringComparison.Ordinal) || answer.EndsWith('}'));
        return answer;
    }

    private Task<RawServer> StartAsync(HttpProtocols protocols) => RawServer.StartAsync(
        protocols,
        services => services.AddMetrics().AddLogging().AddSingleton<SidecarMetrics>().AddHttpForwarder(),
        application =>
        {
            var services = application.Services;
            var options = new InboundOptions { Listen = EndpointAddress.Parse("https://127.0.0.1:8443"), Application = EndpointAddress.Parse(_application.Address) };
            var enforcement = ActivatorUtilities.CreateInstance<AuthorizationEnforcement>(services, new AuthorizationState(_authorization));
            var listener = new SidecarListener(ListenerRole.Inbound, "Inbound", options.Listen);
            var pipeline = new InboundPipeline(
                options,
                enforcement,
                new InboundTransformer(options, _svid!),
                new ApplicationClient(options, new OpenTelemetrySettings(new Dictionary<string, string>())),
                (_forwarder ?? services.GetRequiredService<IHttpForwarder>(), TimeProvider.System));
            var accessLog = new AccessLog(services.GetRequiredService<SidecarMetrics>(), TimeProvider.System, new RecordingLogger(_log));
            var dispatcher = new RequestDispatcher(pipeline, outbound: null!, (null!, null!), (new DrainState(), _svid!), accessLog);
            application.Run(context =>
            {
                var live = new LiveConnection(
                    ConnectionDirection.Inbound, "Inbound", remote: null, (_peer!, PeerExpectation.AnyClient), (() => { }, context.Abort));
                if (_isClosing)
                {
                    live.TryBeginClosing();
                }

                context.Features.Set(live);
                context.Features.Set(listener);
                return dispatcher.InvokeAsync(context);
            });
        });

    private sealed class DefectiveForwarder : IHttpForwarder
    {
        public ValueTask<ForwarderError> SendAsync(
            HttpContext context, string destinationPrefix, HttpMessageInvoker httpClient, ForwarderRequestConfig requestConfig, HttpTransformer transformer)
            => throw new InvalidOperationException("a defect");
    }

    private sealed class RecordingLogger(ConcurrentQueue<string> lines) : ILogger<AccessLog>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => lines.Enqueue(formatter(state, exception));
    }

    private sealed class FixedSvid(X509Svid svid) : ISvidSource
    {
        public X509Svid Current => svid;

        public string? LastError => null;

        public event Action? Rotated
        {
            add { }
            remove { }
        }
    }
}
