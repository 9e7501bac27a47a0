using System.Diagnostics.CodeAnalysis;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Authority.Issuing;

/// <summary>Whom a workload's certificate names: decided by the operator, never by the request for the certificate.</summary>
/// <param name="Id">The SPIFFE ID.</param>
/// <param name="DnsNames">Its DNS names in lower case.</param>
internal sealed record WorkloadSubject(SpiffeId Id, IReadOnlyList<string> DnsNames)
{
    private const int MaxDnsNames = 100;

    /// <summary>Reads a subject and holds it to the trust domain.</summary>
    public static bool TryCreate(
        string id,
        IReadOnlyList<string> dnsNames,
        TrustDomain trustDomain,
        [NotNullWhen(true)] out WorkloadSubject? subject,
        [NotNullWhen(false)] out string? error)
    {
        subject = null;
        error = null;
        if (!SpiffeId.TryParse(id, out var parsed) || parsed.Path.Length == 0)
        {
            error = $"'{id}' is not a workload's SPIFFE ID, such as spiffe://{trustDomain}/ns/default/sa/web.";
        }
        else if (parsed.TrustDomain != trustDomain)
        {
            error = $"{parsed} is of trust domain {parsed.TrustDomain}, and this authority issues for {trustDomain} only.";
        }
        else if (dnsNames.FirstOrDefault(name => !IdentityPattern.TryParse("dns:" + name, out _)) is { } malformed)
        {
            error = $"'{malformed}' is not a DNS name.";
        }
        else if (dnsNames.Count > MaxDnsNames)
        {
            error = $"{dnsNames.Count} DNS names are more than {MaxDnsNames}.";
        }
        else
        {
            subject = new WorkloadSubject(parsed, [.. dnsNames.Select(name => name.ToLowerInvariant()).Distinct()]);
        }

        return subject is not null;
    }
}
