using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Commands;

/// <summary><c>issue</c>: a key and a certificate as files, for workloads that can't enrol by themselves.</summary>
internal static class IssueCommand
{
    private const int MaxDays = 825;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var (id, dns) = SubjectOptions.Create();
        var days = new Option<int>("--days") { Description = "How long the certificate is valid.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var output = new Option<DirectoryInfo>("--out") { Description = "Directory for tls.crt, tls.key and ca.crt.", HelpName = "DIR", Required = true };
        var replace = new Option<bool>("--replace") { Description = "Replace files that are there." };
        var command = new Command("issue", "Issue a certificate with a fresh key as PEM files.") { id, dns, days, output, replace };
        command.SetAction(new AuthorityOptions(), (authority, parsed) => IssueAsync(
            authority,
            SubjectOptions.Read(authority, parsed.GetValue(id)!, parsed.GetValue(dns)),
            parsed.GetValue(days),
            (parsed.GetValue(output)!, parsed.GetValue(replace))));
        return command;
    }

    private static async Task<int> IssueAsync(OpenedAuthority authority, WorkloadSubject subject, int days, (DirectoryInfo Directory, bool Replaces) output)
    {
        if (days is < 1 or > MaxDays)
        {
            throw new UsageException($"--days is {days}, and must be from 1 to {MaxDays}.");
        }

        var (certificateFile, keyFile, bundleFile) = (In("tls.crt"), In("tls.key"), In("ca.crt"));
        if (!output.Replaces && new[] { certificateFile, keyFile, bundleFile }.FirstOrDefault(File.Exists) is { } existing)
        {
            throw new AuthorityException($"{existing} exists. Name another directory, or say --replace.");
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issued = await authority.Issuance.IssueWorkloadAsync(subject, new PublicKey(key), (TimeSpan.FromDays(days), "command"));
        authority.Audit.Issued(issued.Record, "command");

        output.Directory.Create();
        PrivateFile.Replace(keyFile, key.ExportPkcs8PrivateKeyPem() + "\n", PrivateFile.Mode);
        PrivateFile.Replace(certificateFile, issued.ToPem(), PrivateFile.PublicMode);
        PrivateFile.Replace(bundleFile, IssuedCertificate.Pem(authority.Issuers.Current.Root.Certificate.RawData.Span), PrivateFile.PublicMode);
        await Console.Out.WriteLineAsync($"Issued {issued.Record.Serial} for {subject.Id} until {issued.Record.NotAfter:u} in {output.Directory.FullName}.");
        return ExitCode.Success;

        string In(string name) => Path.Combine(output.Directory.FullName, name);
    }
}
