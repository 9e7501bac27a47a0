namespace MtlsSidecar.TestKit.Peers;

/// <summary>Sends every request over one version of HTTP. <see cref="HttpClient"/>'s own default doesn't reach requests that a test makes itself.</summary>
internal sealed class ExactVersion(Version version, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Version = version;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return base.SendAsync(request, cancellationToken);
    }
}
