using System.CommandLine;
using System.Globalization;

namespace MtlsSidecar.Authority.Commands;

/// <summary><c>issuer</c>: further issuing authorities below the same root, of which one at a time issues.</summary>
internal static class IssuerCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create() => new("issuer", "Add, choose and list issuing authorities.") { CreateAdd(), CreateUse(), CreateList() };

    private static Command CreateAdd()
    {
        var standby = new Option<bool>("--standby") { Description = "Publish it, but let certificates come from the old one until it is chosen." };
        var command = new Command("add", "Make an issuing authority, which takes over at once; needs the root's key.") { standby };
        command.SetAction(new AuthorityOptions(), (authority, parsed) => AddAsync(authority, parsed.GetValue(standby)));
        return command;
    }

    private static Command CreateUse()
    {
        var name = new Argument<string>("name") { Description = "The issuing authority." };
        var command = new Command("use", "Let new certificates come from this issuing authority.") { name };
        command.SetAction(new AuthorityOptions(), (authority, parsed) => UseAsync(authority, parsed.GetValue(name)!));
        return command;
    }

    private static Command CreateList()
    {
        var command = new Command("list", "List root and issuing authorities.");
        command.SetAction(new AuthorityOptions(), (authority, _) => ListAsync(authority));
        return command;
    }

    private static async Task<int> AddAsync(OpenedAuthority authority, bool isStandby)
    {
        var issuers = authority.Issuers.Current;
        var number = 1;
        while (issuers.Find(NameOf(number)) is not null)
        {
            number++;
        }

        var issuer = await authority.Factory.CreateIssuerAsync(issuers.Root, NameOf(number), isActive: false);
        authority.AuditIssuer(issuer);

        // Its CRL first: a certificate whose CRL can't be had would be refused by whoever checks it.
        authority.Audit.CrlPublished(await authority.Crls.PublishScheduledAsync(issuer));
        if (!isStandby)
        {
            await authority.Store.ActivateIssuerAsync(issuer.Name);
            authority.Audit.IssuerChosen(issuer.Name);
        }

        await Console.Out.WriteLineAsync($"Made {issuer.Name}{(isStandby ? "" : ", from which certificates come from now on")}.");
        return ExitCode.Success;
    }

    private static async Task<int> UseAsync(OpenedAuthority authority, string name)
    {
        var issuers = authority.Issuers.Current;
        if (issuers.Issuing.FirstOrDefault(issuer => issuer.Name == name) is not { } chosen)
        {
            throw new UsageException($"there is no issuing authority {name}.");
        }

        if (issuers.Revoked.Contains(name))
        {
            throw new UsageException($"{name} is revoked.");
        }

        authority.Keys.Open(chosen);
        await authority.Store.ActivateIssuerAsync(name);
        authority.Audit.IssuerChosen(name);
        await Console.Out.WriteLineAsync($"Certificates come from {name} from now on.");
        return ExitCode.Success;
    }

    private static async Task<int> ListAsync(OpenedAuthority authority)
    {
        var issuers = authority.Issuers.Current;
        foreach (var issuer in issuers.All)
        {
            var state = issuers.Revoked.Contains(issuer.Name) ? "revoked" : issuer.IsActive ? "active" : "";
            var key = authority.Keys.TryOpen(issuer) is null ? "key elsewhere" : "";
            await Console.Out.WriteLineAsync($"{issuer.Name,-12}  {issuer.Certificate.NotAfter:u}  {state,-8} {key,-14} {issuer.Certificate.SubjectText}");
        }

        return ExitCode.Success;
    }

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"issuing-{number}");
}
