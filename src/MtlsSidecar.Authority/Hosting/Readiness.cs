using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Hosting;

/// <summary>Why the server can't do its work; also what <c>check</c> tells.</summary>
internal sealed class Readiness(DataDirectory data, IAuthorityStore store, IssuerDirectory issuers, TimeProvider timeProvider)
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    /// <summary>The reasons; none when all is well.</summary>
    public IReadOnlyList<string> Reasons()
    {
        try
        {
            return [.. Find()];
        }
        catch (AuthorityException exception)
        {
            return [exception.Message];
        }
    }

    private IEnumerable<string> Find()
    {
        var now = timeProvider.GetUtcNow();
        if (store.LatestTime - now > ClockTolerance)
        {
            yield return new ClockMovedBackException(now, store.LatestTime).Message;
        }

        var current = issuers.Current;
        string? problem = null;
        try
        {
            current.ActiveAt(now);
        }
        catch (AuthorityException exception)
        {
            problem = exception.Message;
        }

        if (problem is not null)
        {
            yield return problem;
        }

        foreach (var issuer in current.All.Where(issuer => issuer.Certificate.NotAfter > now && !current.Revoked.Contains(issuer.Name)))
        {
            var crl = store.ReadPublishedCrl(issuer.Name);
            if (crl is null || !File.Exists(data.CrlFile(issuer.Name)))
            {
                yield return $"{issuer.Name} has no CRL";
            }
            else if (crl.NextUpdate <= now)
            {
                yield return $"the CRL of {issuer.Name} ended at {crl.NextUpdate:u}{(issuer.IsRoot ? ": run mtls-authority crl with the root's key" : "")}";
            }
            else if (crl.ThisUpdate > now)
            {
                yield return $"the CRL of {issuer.Name} is dated {crl.ThisUpdate:u}, which is still to come, and counts nowhere before{(issuer.IsRoot ? ": run mtls-authority crl with the root's key" : "")}";
            }
            else if (!store.IsCrlComplete(issuer.Name))
            {
                yield return $"the CRL of {issuer.Name} lacks the latest revocation";
            }
        }
    }
}
