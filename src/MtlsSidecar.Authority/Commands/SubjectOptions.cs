using System.CommandLine;
using MtlsSidecar.Authority.Hosting;
using MtlsSidecar.Authority.Issuing;

namespace MtlsSidecar.Authority.Commands;

/// <summary>The options that say whom a certificate is for.</summary>
internal static class SubjectOptions
{
    /// <summary>Makes the options.</summary>
    public static (Option<string> Id, Option<string[]> Dns) Create() => (
        new Option<string>("--id") { Description = "The workload's SPIFFE ID.", HelpName = "spiffe://…", Required = true },
        new Option<string[]>("--dns") { Description = "A DNS name; may be repeated.", HelpName = "NAME" });

    /// <summary>The subject that they name.</summary>
    /// <exception cref="UsageException">It is none of this authority's.</exception>
    public static WorkloadSubject Read(OpenedAuthority authority, string id, string[]? dnsNames)
    {
        if (!WorkloadSubject.TryCreate(id, dnsNames ?? [], authority.Store.ReadSettings().TrustDomain, out var subject, out var error))
        {
            throw new UsageException(error);
        }

        // Whoever had it could stand in for the server: sidecars know it by this name.
        return subject.Id.ToString() == ServerIdentity.IdIn(subject.Id.TrustDomain)
            ? throw new UsageException($"{subject.Id} is the authority's own identity, and no workload's.")
            : subject;
    }
}
