namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>Joins a destination and a request target byte for byte. YARP's own way re-escapes, so that what is forwarded isn't what was judged.</summary>
internal static class ExactTarget
{
    private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>The URI of the target at the destination.</summary>
    /// <param name="destinationPrefix">Scheme and authority, without a path.</param>
    /// <param name="pathAndQuery">A target that was checked: it begins with a slash and holds only characters of RFC 3986.</param>
    public static Uri Join(string destinationPrefix, string pathAndQuery) => new(destinationPrefix.TrimEnd('/') + pathAndQuery, Verbatim);
}
