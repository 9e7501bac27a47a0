using System.CommandLine;
using MtlsSidecar.Authority.Revocation;

namespace MtlsSidecar.Authority.Commands;

/// <summary><c>crl</c>: signs and publishes the CRLs of all issuers whose keys are at hand, and gives those of all as PEM.</summary>
internal static class CrlCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var output = new Option<FileInfo?>("--out") { Description = "File for the CRLs; standard output without it.", HelpName = "FILE" };
        var command = new Command("crl", "Sign and publish new CRLs, and give all CRLs in force as PEM.") { output };
        command.SetAction(new AuthorityOptions(), (authority, parsed) => SignAsync(authority, parsed.GetValue(output)));
        return command;
    }

    private static async Task<int> SignAsync(OpenedAuthority authority, FileInfo? output)
    {
        var issuers = authority.Issuers.Current.All.ToList();
        foreach (var issuer in issuers)
        {
            if (authority.Keys.TryOpen(issuer) is null)
            {
                await Console.Error.WriteLineAsync($"warning: the key of {issuer.Name} is not here; its last CRL stays in force.");
                continue;
            }

            authority.Audit.CrlPublished(await authority.Crls.PublishScheduledAsync(issuer));
        }

        var files = issuers.Select(issuer => authority.Data.CrlFile(issuer.Name)).Where(File.Exists);
        await CrlPemFile.WriteAsync(files, output);
        return ExitCode.Success;
    }
}
