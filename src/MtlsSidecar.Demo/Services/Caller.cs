namespace MtlsSidecar.Demo.Services;

/// <summary>Who calls, as the sidecar tells the service. A service may believe it: the sidecar removes what a caller says of itself.</summary>
/// <param name="Id">SPIFFE ID.</param>
/// <param name="Certificate">SHA-256 of the certificate.</param>
internal sealed record Caller(string Id, string Certificate)
{
    /// <summary>Reads <c>X-Forwarded-Client-Cert</c>, in Envoy's format: <c>By=…;Hash=…;Subject="…";URI=…</c>.</summary>
    public static Caller Of(HttpRequest request)
    {
        var fields = request.Headers["X-Forwarded-Client-Cert"].ToString().Split(';');
        return new Caller(Field("URI="), Field("Hash="));

        string Field(string name) => Array.Find(fields, field => field.StartsWith(name, StringComparison.Ordinal))?[name.Length..] ?? "";
    }
}
