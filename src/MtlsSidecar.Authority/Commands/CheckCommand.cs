using System.CommandLine;
using MtlsSidecar.Authority.Hosting;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Commands;

/// <summary><c>check</c>: reads database, keys and CRLs, prints everything that is wrong, starts nothing.</summary>
internal static class CheckCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var acceptClock = new Option<bool>("--accept-clock") { Description = "Take the present time for right although the authority has seen a later one." };
        var command = new Command("check", "Check database, keys and CRLs; start nothing.") { acceptClock };
        command.SetAction(new AuthorityOptions(), (authority, parsed) => CheckAsync(authority, parsed.GetValue(acceptClock)));
        return command;
    }

    private static async Task<int> CheckAsync(OpenedAuthority authority, bool acceptsClock)
    {
        if (acceptsClock)
        {
            await AcceptClockAsync(authority);
        }

        // Nothing that a damaged database says is worth telling.
        IReadOnlyList<string> errors = authority.Store.FindDamage() is { } damage
            ? [$"{authority.Data.DatabaseFile} is damaged: {damage}"]
            : [.. KeyErrors(authority), .. new Readiness(authority.Data, authority.Store, authority.Issuers, authority.TimeProvider).Reasons()];
        foreach (var error in errors)
        {
            await Console.Error.WriteLineAsync($"error: {error}");
        }

        if (errors.Count > 0)
        {
            return ExitCode.Usage;
        }

        await Console.Out.WriteLineAsync($"The authority for {authority.Issuers.Current.Settings.TrustDomain} in {authority.Data.Path} is good.");
        return ExitCode.Success;
    }

    private static IEnumerable<string> KeyErrors(OpenedAuthority authority) => authority.Issuers.Current.Issuing.Select(issuer =>
    {
        try
        {
            return authority.Keys.TryOpen(issuer) is null ? $"the key of {issuer.Name} is missing: {authority.Data.KeyFile(issuer.Name)}" : null;
        }
        catch (AuthorityException exception)
        {
            return exception.Message;
        }
    }).OfType<string>();

    /// <summary>What was dated by the clock that ran ahead is signed anew, as far as the keys are here; the rest is told as wrong.</summary>
    private static async Task AcceptClockAsync(OpenedAuthority authority)
    {
        var before = authority.Store.LatestTime;
        await authority.Store.AcceptClockAsync();
        authority.Audit.ClockAccepted(before, authority.TimeProvider.GetUtcNow());
        foreach (var issuer in authority.Issuers.Current.All.Where(issuer => authority.Crls.IsDue(issuer) && authority.Keys.TryOpen(issuer) is not null))
        {
            authority.Audit.CrlPublished(await authority.Crls.PublishScheduledAsync(issuer));
        }
    }
}
