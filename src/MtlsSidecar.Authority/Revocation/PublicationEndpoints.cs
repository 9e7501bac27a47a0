using System.Globalization;
using Microsoft.Net.Http.Headers;
using MtlsSidecar.Authority.Hosting;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Revocation;

/// <summary>
/// CRLs and issuers' certificates for anybody over plain HTTP (RFC 5280 §4.2.1.13, RFC 2585). Files are read anew for each request, so that
/// what another process published is there at once.
/// </summary>
internal sealed class PublicationEndpoints(DataDirectory data, IssuerDirectory issuers)
{
    private const string CrlPrefix = "/crl/";
    private const string CertificatePrefix = "/ca/";
    private const string CrlSuffix = ".crl";
    private const string DeltaSuffix = "-delta.crl";
    private const string CertificateSuffix = ".cer";

    /// <summary>Answers one request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            return Problem.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "method_not_allowed");
        }

        // Only the names of issuers lead to files: what a path says never becomes one.
        if (TryFind(path, CrlPrefix, DeltaSuffix) is { } ofDelta)
        {
            return WriteCrlAsync(context, data.DeltaCrlFile(ofDelta.Name));
        }

        if (TryFind(path, CrlPrefix, CrlSuffix) is { } ofCrl)
        {
            return WriteCrlAsync(context, data.CrlFile(ofCrl.Name));
        }

        return TryFind(path, CertificatePrefix, CertificateSuffix) is { } issuer
            ? WriteCertificateAsync(context, issuer)
            : Problem.WriteAsync(context, StatusCodes.Status404NotFound, "not_found");
    }

    private IssuerRecord? TryFind(string path, string prefix, string suffix)
        => path.StartsWith(prefix, StringComparison.Ordinal) && path.EndsWith(suffix, StringComparison.Ordinal) && path.Length > prefix.Length + suffix.Length
            ? issuers.Current.Find(path[prefix.Length..^suffix.Length])
            : null;

    private static async Task WriteCrlAsync(HttpContext context, string path)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            await Problem.WriteAsync(context, StatusCodes.Status404NotFound, "not_found");
            return;
        }

        await using (file)
        {
            // Of the file that is open, not of the one that may lie there by now.
            var modified = File.GetLastWriteTimeUtc(file.SafeFileHandle);
            var response = context.Response;
            var tag = new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{modified.Ticks:x}-{file.Length:x}\""));
            response.ContentType = "application/pkix-crl";
            var headers = response.GetTypedHeaders();
            headers.ETag = tag;
            headers.LastModified = new DateTimeOffset(modified);

            // To be kept, but asked about each time: no cache may delay a revocation.
            response.Headers.CacheControl = "public, no-cache, no-transform";
            if (IsKnownToCaller(context.Request, tag, modified))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }

            response.ContentLength = file.Length;
            if (HttpMethods.IsGet(context.Request.Method))
            {
                await file.CopyToAsync(response.Body, context.RequestAborted);
            }
        }
    }

    private static async Task WriteCertificateAsync(HttpContext context, IssuerRecord issuer)
    {
        context.Response.ContentType = "application/pkix-cert";
        context.Response.Headers.CacheControl = "public, max-age=86400, immutable";
        context.Response.ContentLength = issuer.Certificate.RawData.Length;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(issuer.Certificate.RawData, context.RequestAborted);
        }
    }

    /// <summary>RFC 9110 §13.2.2: an entity tag, if there is one, decides alone.</summary>
    private static bool IsKnownToCaller(HttpRequest request, EntityTagHeaderValue tag, DateTime modified)
    {
        var headers = request.GetTypedHeaders();
        if (headers.IfNoneMatch is { Count: > 0 } tags)
        {
            return tags.Any(known => known.Tag == "*" || known.Compare(tag, useStrongComparison: false));
        }

        return headers.IfModifiedSince is { } since && modified.AddTicks(-(modified.Ticks % TimeSpan.TicksPerSecond)) <= since.UtcDateTime;
    }
}
