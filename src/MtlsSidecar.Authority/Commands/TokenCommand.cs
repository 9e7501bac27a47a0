using System.CommandLine;
using MtlsSidecar.Authority.Enrolment;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Commands;

/// <summary><c>token</c>: a credential for a first enrolment.</summary>
internal static class TokenCommand
{
    private const int MaxUses = 10_000;
    private static readonly TimeSpan MaxValidity = TimeSpan.FromDays(365);

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var (id, dns) = SubjectOptions.Create();
        var valid = new Option<string>("--valid") { Description = "How long the token can be used: 30m, 1h, 7d.", HelpName = "TIME", DefaultValueFactory = _ => "1h" };
        var uses = new Option<int>("--uses") { Description = "For how many certificates: as many as the service has replicas.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var command = new Command("token", "Print a token with which a workload enrols.") { id, dns, valid, uses };
        command.SetAction(new AuthorityOptions(), (authority, parsed) => MakeAsync(
            authority,
            SubjectOptions.Read(authority, parsed.GetValue(id)!, parsed.GetValue(dns)),
            DurationText.TryParse(parsed.GetValue(valid)!, out var validity) && validity > TimeSpan.Zero && validity <= MaxValidity
                ? validity
                : throw new UsageException($"'{parsed.GetValue(valid)}' is no time from 1s to {MaxValidity.TotalDays}d."),
            parsed.GetValue(uses)));
        return command;
    }

    private static async Task<int> MakeAsync(OpenedAuthority authority, WorkloadSubject subject, TimeSpan validity, int uses)
    {
        if (uses is < 1 or > MaxUses)
        {
            throw new UsageException($"--uses is {uses}, and must be from 1 to {MaxUses}.");
        }

        var token = EnrolmentToken.Create();
        var grant = new TokenGrant(EnrolmentToken.HashOf(token), subject.Id.ToString(), subject.DnsNames, authority.TimeProvider.GetUtcNow() + validity, uses);
        await authority.Store.AddTokenAsync(grant);
        authority.Audit.TokenCreated(grant);
        await Console.Out.WriteLineAsync(token);
        return ExitCode.Success;
    }
}
