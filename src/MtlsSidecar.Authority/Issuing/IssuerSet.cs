using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Authority.Issuing;

/// <summary>Root, issuing authorities and settings at one moment.</summary>
internal sealed record IssuerSet(
    long Generation, AuthoritySettings Settings, IssuerRecord Root, IReadOnlyList<IssuerRecord> Issuing, IReadOnlySet<string> Revoked)
{
    /// <summary>The root first.</summary>
    public IEnumerable<IssuerRecord> All => Issuing.Prepend(Root);

    /// <summary>The issuer from which new certificates come.</summary>
    /// <exception cref="AuthorityException">It is revoked or has ended: nothing that it signs would be believed.</exception>
    public IssuerRecord ActiveAt(DateTimeOffset now)
    {
        var active = Issuing.FirstOrDefault(issuer => issuer.IsActive) ?? throw new AuthorityException("no issuer is active: run mtls-authority issuer add");
        if (Revoked.Contains(active.Name))
        {
            throw new AuthorityException($"{active.Name} is revoked: run mtls-authority issuer add");
        }

        return active.Certificate.NotAfter > now
            ? active
            : throw new AuthorityException($"the certificate of {active.Name} ended at {active.Certificate.NotAfter:u}: run mtls-authority issuer add");
    }

    /// <summary>The issuer by its name; null when there is none.</summary>
    public IssuerRecord? Find(string name) => All.FirstOrDefault(issuer => issuer.Name == name);

    /// <summary>The issuer with this very certificate; null when it is none of ours.</summary>
    public IssuerRecord? Find(ParsedCertificate certificate)
        => All.FirstOrDefault(issuer => issuer.Certificate.RawData.Span.SequenceEqual(certificate.RawData.Span));
}
