using System.CommandLine;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Authority.Commands;

/// <summary><c>revoke</c>: revokes a certificate, and signs and publishes a CRL at once, whether the server is running or not.</summary>
internal static class RevokeCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var what = new Argument<string>("certificate")
        {
            Description = "Serial number in hexadecimal, a PEM file, or a SPIFFE ID: then all certificates of that workload, whoever renewed them.",
            HelpName = "SERIAL|CERT.pem|ID",
        };
        var reason = new Option<string>("--reason")
        {
            Description = $"Why: {string.Join(", ", Enum.GetValues<CrlReason>().Select(CrlReasonText.NameOf))}.",
            HelpName = "REASON",
            DefaultValueFactory = _ => CrlReasonText.NameOf(CrlReason.Unspecified),
        };
        var isAuthority = new Option<bool>("--authority") { Description = "Really revoke an issuing authority, and with it all that it issued." };
        var command = new Command("revoke", "Revoke a certificate and publish a new CRL at once.") { what, reason, isAuthority };
        command.SetAction(new AuthorityOptions(), (authority, parsed) => RevokeAllAsync(
            authority,
            FindAll(authority, parsed.GetValue(what)!),
            CrlReasonText.TryParse(parsed.GetValue(reason)!, out var known)
                ? known
                : throw new UsageException($"'{parsed.GetValue(reason)}' is no reason of RFC 5280 §5.3.1."),
            parsed.GetValue(isAuthority)));
        return command;
    }

    private static async Task<int> RevokeAllAsync(OpenedAuthority authority, IReadOnlyList<CertificateRecord> certificates, CrlReason reason, bool isAuthority)
    {
        var exitCode = ExitCode.Success;
        foreach (var certificate in certificates)
        {
            var outcome = await RevokeAsync(authority, certificate, reason, isAuthority);
            exitCode = outcome == ExitCode.Success ? exitCode : outcome;
        }

        return exitCode;
    }

    /// <summary>Who holds a workload's key may have renewed its certificate: with a SPIFFE ID no branch of it is left.</summary>
    private static List<CertificateRecord> FindAll(OpenedAuthority authority, string what)
    {
        if (!SpiffeId.TryParse(what, out var id))
        {
            return [Find(authority.Store, what)];
        }

        var now = authority.TimeProvider.GetUtcNow();
        var certificates = authority.Store.ReadCertificates()
            .Where(certificate => certificate.Kind == CertificateKind.Workload && certificate.Identity == id.ToString() && certificate.NotAfter > now && certificate.Revocation is null)
            .ToList();
        return certificates.Count > 0 ? certificates : throw new UsageException($"{id} has no certificate that is still good.");
    }

    private static async Task<int> RevokeAsync(OpenedAuthority authority, CertificateRecord certificate, CrlReason reason, bool isAuthority)
    {
        switch (certificate.Kind)
        {
            case CertificateKind.Root:
                throw new UsageException("the root is a trust anchor, and no CRL can revoke one: take it out of the trust bundles.");
            case CertificateKind.Issuer when !isAuthority:
                throw new UsageException($"{certificate.Identity} is an issuing authority: with it, every certificate that it issued would be refused. Say --authority if that is meant.");
        }

        var issuers = authority.Issuers.Current;
        var issuer = issuers.Find(certificate.Issuer)!;

        // Before anything is written: a revocation that nobody can publish would only seem to be one.
        authority.Keys.Open(issuer);
        var outcome = await authority.Store.RevokeAsync(certificate, reason);
        authority.Audit.Revoked(certificate, reason, outcome);
        if (outcome == RevocationOutcome.NotOnHold)
        {
            throw new UsageException($"{certificate.Serial} is not on hold: a revocation for any other reason is final.");
        }

        if (await authority.Crls.PublishRevocationsAsync(issuer) is { } crl)
        {
            authority.Audit.CrlPublished(crl);
        }

        await Console.Out.WriteLineAsync(outcome switch
        {
            RevocationOutcome.AlreadyRevoked => $"{certificate.Serial} ({certificate.Identity}) was revoked already.",
            RevocationOutcome.Released => $"{certificate.Serial} ({certificate.Identity}) is no longer on hold.",
            _ => $"Revoked {certificate.Serial} ({certificate.Identity}).",
        });
        return ExitCode.Success;
    }

    private static CertificateRecord Find(IAuthorityStore store, string what)
    {
        if (File.Exists(what))
        {
            return FindByFile(store, what);
        }

        if (!SerialNumber.TryParse(what, out var serial))
        {
            throw new UsageException($"'{what}' is neither a file nor a serial number in hexadecimal.");
        }

        return store.FindCertificates(serial.Value) switch
        {
            [var certificate] => certificate,
            [] => throw new UsageException($"no certificate with serial number {serial} was issued here."),
            _ => throw new UsageException($"several issuers gave the serial number {serial}: name the certificate's PEM file."),
        };
    }

    private static CertificateRecord FindByFile(IAuthorityStore store, string file)
    {
        try
        {
            var certificate = CertificatePem.Read(File.ReadAllText(file), file) is [var first, ..] ? first : throw new UsageException($"{file} holds no PEM certificate.");
            return store.FindCertificates(SerialNumber.FromOctets(certificate.SerialNumber.Span))
                .FirstOrDefault(known => known.Certificate.AsSpan().SequenceEqual(certificate.RawData.Span))
                ?? throw new UsageException($"the certificate in {file} was not issued here.");
        }
        catch (TrustMaterialException exception)
        {
            throw new UsageException(exception.Message);
        }
    }
}
