using System.CommandLine;
using System.Security.Cryptography;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Authority.Commands;

/// <summary><c>init</c>: makes root, issuing authority, database and first CRLs; all of it or nothing.</summary>
internal static class InitCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var trustDomain = new Option<string>("--trust-domain")
        {
            Description = "The SPIFFE trust domain for which certificates are issued.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "foo.test",
        };
        var advertise = UrlOption.Create(
            "--advertise", "Where relying parties will reach CRLs and OCSP; stands in every certificate. Default http://127.0.0.1:8480, which serve listens on.");
        var options = new AuthorityOptions();
        var command = new Command("init", "Make a root, an issuing authority and the database; never overwrites.") { trustDomain, advertise };
        options.AddTo(command);
        command.SetAction(parsed => CommandLine.GuardAsync(() => InitAsync(
            options.Read(parsed), parsed.GetValue(trustDomain)!, parsed.GetValue(advertise))));
        return command;
    }

    private static async Task<int> InitAsync(AuthorityLocation location, string trustDomainName, Uri? advertise)
    {
        if (!TrustDomain.TryParse(trustDomainName, out var trustDomain))
        {
            throw new UsageException($"'{trustDomainName}' is not a SPIFFE trust domain name, such as foo.test.");
        }

        var settings = new AuthoritySettings { TrustDomain = trustDomain };
        settings = advertise is null ? settings : settings with { PublishedAt = advertise };
        AdvertisedAddress.ThrowIfUnusable(settings.PublishedAt);
        var data = new DataDirectory(location.Data.FullName);
        await data.CreateAsync(next => FillAsync(location, next, settings));

        using var authority = OpenedAuthority.Open(location);
        var root = authority.Issuers.Current.Root;
        await Console.Out.WriteLineAsync($"""
            Made an authority for {trustDomain} in {data.Path}.
            Trust bundle: {data.BundleFile}
            Root, SHA-256: {Convert.ToHexString(SHA256.HashData(root.Certificate.RawData.Span))}
            The root's key is {location.RootKeyFile?.FullName ?? data.KeyFile(root.Name)}. Keep it elsewhere: the server runs without it.
            """);
        return ExitCode.Success;
    }

    private static async Task FillAsync(AuthorityLocation location, DataDirectory next, AuthoritySettings settings)
    {
        using var authority = OpenedAuthority.Create(location, next);
        await authority.Store.WriteSettingsAsync(settings);
        var root = await authority.Factory.CreateRootAsync();
        var issuer = await authority.Factory.CreateIssuerAsync(root, AuthorityFactory.FirstIssuerName, isActive: true);
        foreach (var made in new[] { root, issuer })
        {
            authority.AuditIssuer(made);
            authority.Audit.CrlPublished(await authority.Crls.PublishScheduledAsync(made));
        }

        await File.WriteAllTextAsync(next.BundleFile, IssuedCertificate.Pem(root.Certificate.RawData.Span));
    }
}
