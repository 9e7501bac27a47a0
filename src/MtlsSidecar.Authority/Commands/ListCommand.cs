using System.CommandLine;
using System.Text.Json;

namespace MtlsSidecar.Authority.Commands;

/// <summary><c>list</c>: every certificate that was issued, the latest first.</summary>
internal static class ListCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var command = new Command("list", "List the certificates that were issued, the latest first.") { json };
        command.SetAction(new AuthorityOptions(), (authority, parsed) => ListAsync(authority, parsed.GetValue(json)));
        return command;
    }

    private static async Task<int> ListAsync(OpenedAuthority authority, bool asJson)
    {
        var now = authority.TimeProvider.GetUtcNow();
        foreach (var certificate in authority.Store.ReadCertificates())
        {
            var listed = ListedCertificate.From(certificate, now);
            await Console.Out.WriteLineAsync(asJson
                ? JsonSerializer.Serialize(listed, CommandJson.Default.ListedCertificate)
                : $"{listed.Serial}  {listed.Issuer,-10}  {listed.NotAfter:u}  {listed.Status,-20}  {listed.Identity}");
        }

        return ExitCode.Success;
    }
}
