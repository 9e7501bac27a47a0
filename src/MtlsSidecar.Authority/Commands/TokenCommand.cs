using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using MtlsSidecar.Authority.Enrolment;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Authority.Commands;

/// <summary><c>token</c>: a credential for a first enrolment; <c>token list</c> and <c>token cancel</c> withdraw what was given too freely.</summary>
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
        var output = new Option<FileInfo?>("--out") { Description = "File for the token, which only its owner may read; replaces one that is there. Standard output without it.", HelpName = "FILE" };
        var command = new Command("token", "Print a token with which a workload enrols.") { id, dns, valid, uses, output };
        command.SetAction(new AuthorityOptions(), (authority, parsed) => MakeAsync(
            authority,
            SubjectOptions.Read(authority, parsed.GetValue(id)!, parsed.GetValue(dns)),
            (DurationText.TryParse(parsed.GetValue(valid)!, out var validity) && validity > TimeSpan.Zero && validity <= MaxValidity
                ? validity
                : throw new UsageException($"'{parsed.GetValue(valid)}' is no time from 1s to {MaxValidity.TotalDays}d."), parsed.GetValue(uses)),
            parsed.GetValue(output)));
        command.Subcommands.Add(WithoutOptionsBefore(CreateList()));
        command.Subcommands.Add(WithoutOptionsBefore(CreateCancel()));
        return command;
    }

    private static Command CreateList()
    {
        var command = new Command("list", "List the tokens that can still be used, by the beginnings of their hashes.");
        command.SetAction(new AuthorityOptions(), (authority, _) => ListAsync(authority));
        return command;
    }

    private static Command CreateCancel()
    {
        var what = new Argument<string>("token") { Description = "A token's hash or its beginning, as token list shows it, or a SPIFFE ID: then all tokens of that workload.", HelpName = "HASH|ID" };
        var command = new Command("cancel", "Withdraw tokens; certificates that they gave stay good.") { what };
        command.SetAction(new AuthorityOptions(), (authority, parsed) => CancelAsync(authority, parsed.GetValue(what)!));
        return command;
    }

    /// <summary>The parser would take <c>token --data DIR cancel …</c>, and the subcommand would not see the directory: it would withdraw somewhere else.</summary>
    private static Command WithoutOptionsBefore(Command command)
    {
        command.Validators.Add(result =>
        {
            if ((result.Parent as CommandResult)?.Children.OfType<OptionResult>().FirstOrDefault(option => !option.Implicit) is { } before)
            {
                result.AddError($"{before.Option.Name} belongs behind '{command.Name}'.");
            }
        });
        return command;
    }

    private static async Task<int> MakeAsync(OpenedAuthority authority, WorkloadSubject subject, (TimeSpan Validity, int Uses) terms, FileInfo? output)
    {
        if (terms.Uses is < 1 or > MaxUses)
        {
            throw new UsageException($"--uses is {terms.Uses}, and must be from 1 to {MaxUses}.");
        }

        var token = EnrolmentToken.Create();
        var grant = new TokenGrant(EnrolmentToken.HashOf(token), subject.Id.ToString(), subject.DnsNames, authority.TimeProvider.GetUtcNow() + terms.Validity, terms.Uses);
        await authority.Store.AddTokenAsync(grant);
        authority.Audit.TokenCreated(grant);
        if (output is null)
        {
            await Console.Out.WriteLineAsync(token);
        }
        else
        {
            // What fails here leaves a token that nobody has seen.
            PrivateFile.Replace(output.FullName, token + "\n", PrivateFile.Mode);
        }

        return ExitCode.Success;
    }

    private static async Task<int> ListAsync(OpenedAuthority authority)
    {
        var now = authority.TimeProvider.GetUtcNow();
        foreach (var token in authority.Store.ReadTokens().Where(token => token.ExpiresAt > now && token.Uses > 0))
        {
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{token.HashPrefix}  {token.ExpiresAt:u}  {token.Uses,5} uses left  {token.Identity}"));
        }

        return ExitCode.Success;
    }

    private static async Task<int> CancelAsync(OpenedAuthority authority, string what)
    {
        if (SpiffeId.TryParse(what, out var id))
        {
            var count = await authority.Store.CancelTokensAsync(id.ToString());
            return await TellAsync(authority, id.ToString(), count > 0 ? count : throw new UsageException($"{id} has no token."));
        }

        if (what.Length < TokenGrant.HashPrefixLength)
        {
            throw new UsageException($"'{what}' is neither a SPIFFE ID nor a hash of at least {TokenGrant.HashPrefixLength} digits.");
        }

        var found = authority.Store.ReadTokens().Where(token => Convert.ToHexString(token.Hash).StartsWith(what, StringComparison.OrdinalIgnoreCase)).ToList();
        return found switch
        {
            [var token] when await authority.Store.CancelTokenAsync(token.Hash) => await TellAsync(authority, token.Identity, 1),
            [_, _, ..] => throw new UsageException($"{found.Count} tokens have hashes that begin with {what}: give more of it."),
            _ => throw new UsageException($"there is no token whose hash begins with '{what}'."),
        };
    }

    private static async Task<int> TellAsync(OpenedAuthority authority, string identity, int count)
    {
        authority.Audit.TokensCancelled(identity, count);
        await Console.Out.WriteLineAsync($"Withdrew {count} tokens of {identity}.");
        return ExitCode.Success;
    }
}
