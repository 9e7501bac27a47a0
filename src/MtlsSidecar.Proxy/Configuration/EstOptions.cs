namespace MtlsSidecar.Proxy.Configuration;

/// <summary><c>Sidecar:Identity:Est</c>: enrolment over EST (RFC 7030). The first contact trusts <c>Trust:BundleFile</c> only.</summary>
public sealed class EstOptions
{
    /// <summary>The EST server's base address, https. Required when the source is <c>Est</c>.</summary>
    public Uri? Url { get; init; }

    /// <summary>File with the enrolment token. Required when the source is <c>Est</c>; read once, until the first certificate is held.</summary>
    public string TokenFile { get; init; } = "";

    /// <summary>Directory, private to the sidecar, that keeps key and certificate over a restart. Required when the source is <c>Est</c>.</summary>
    public string StateDirectory { get; init; } = "";
}
