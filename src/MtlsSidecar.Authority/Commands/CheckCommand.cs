using System.CommandLine;
using MtlsSidecar.Authority.Hosting;

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
            await authority.Store.AcceptClockAsync();
        }

        List<string> errors = [];
        if (authority.Store.FindDamage() is { } damage)
        {
            errors.Add($"{authority.Data.DatabaseFile} is damaged: {damage}");
        }

        var issuers = authority.Issuers.Current;
        foreach (var issuer in issuers.Issuing.Where(issuer => authority.Keys.TryOpen(issuer) is null))
        {
            errors.Add($"the key of {issuer.Name} is missing: {authority.Data.KeyFile(issuer.Name)}");
        }

        errors.AddRange(new Readiness(authority.Data, authority.Store, authority.Issuers, authority.TimeProvider).Reasons());
        foreach (var error in errors)
        {
            await Console.Error.WriteLineAsync($"error: {error}");
        }

        if (errors.Count > 0)
        {
            return ExitCode.Usage;
        }

        await Console.Out.WriteLineAsync($"The authority for {issuers.Settings.TrustDomain} in {authority.Data.Path} is good.");
        return ExitCode.Success;
    }
}
