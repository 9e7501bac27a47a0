using System.CommandLine;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Authority.Commands;

/// <summary>
/// <c>revoke</c>: revokes a certificate or all that a workload has, and signs and publishes a CRL at once, whether the server is running or
/// not.
/// </summary>
internal static class RevokeCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var what = new Argument<string>("certificate")
        {
            Description = "Serial number in hexadecimal, a PEM file, or a SPIFFE ID: then all certificates of that workload, whoever renewed them, and its tokens.",
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
        command.SetAction(new AuthorityOptions(), (authority, parsed) => RevokeAsync(
            authority, parsed.GetValue(what)!, parsed.GetValue(reason)!, parsed.GetValue(isAuthority)));
        return command;
    }

    private static async Task<int> RevokeAsync(OpenedAuthority authority, string what, string reasonName, bool isAuthority)
    {
        IReadOnlyList<string> issuers;
        try
        {
            var reason = CrlReasonText.TryParse(reasonName, out var known) ? known : throw new UsageException($"'{reasonName}' is no reason of RFC 5280 §5.3.1.");
            issuers = SpiffeId.TryParse(what, out var id)
                ? await RevokeIdentityAsync(authority, id.ToString(), reason)
                : [await RevokeCertificateAsync(authority, KnownCertificate.Find(authority.Store, what), reason, isAuthority)];
        }
        catch (Exception exception) when (exception is UsageException or AuthorityException)
        {
            // Who tries to revoke what must not be revoked leaves a trace.
            authority.Audit.RevocationRefused(what, exception.Message);
            throw;
        }

        return await PublishAsync(authority, issuers);
    }

    /// <summary>Who holds a workload's key may have renewed its certificate, or enrolled once more with its token: with a SPIFFE ID no branch of it is left.</summary>
    private static async Task<IReadOnlyList<string>> RevokeIdentityAsync(OpenedAuthority authority, string id, CrlReason reason)
    {
        var (certificates, tokens) = await authority.Store.RevokeIdentityAsync(id, reason, authority.TimeProvider.GetUtcNow());
        var changed = certificates.Where(entry => entry.Outcome is RevocationOutcome.Revoked or RevocationOutcome.Released).ToList();
        foreach (var (certificate, outcome) in changed)
        {
            authority.Audit.Revoked(certificate, reason, outcome);
            await TellAsync(certificate, outcome);
        }

        if (tokens > 0)
        {
            authority.Audit.TokensCancelled(id, tokens);
            await Console.Out.WriteLineAsync($"Withdrew {tokens} tokens of {id}.");
        }

        // Those revoked earlier too: if their CRL could not be written then, this is the second attempt.
        var issuers = certificates.Where(entry => entry.Outcome != RevocationOutcome.NotOnHold).Select(entry => entry.Certificate.Issuer).Distinct().ToList();
        return changed.Count > 0 || tokens > 0 || issuers.Any(issuer => !authority.Store.IsCrlComplete(issuer))
            ? issuers
            : throw new UsageException(reason == CrlReason.RemoveFromCrl ? $"{id} has no certificate on hold." : $"{id} has no certificate that is still good, and no token.");
    }

    private static async Task<string> RevokeCertificateAsync(OpenedAuthority authority, CertificateRecord certificate, CrlReason reason, bool isAuthority)
    {
        switch (certificate.Kind)
        {
            case CertificateKind.Root:
                throw new UsageException("the root is a trust anchor, and no CRL can revoke one: take it out of the trust bundles.");
            case CertificateKind.Issuer when !isAuthority:
                throw new UsageException($"{certificate.Identity} is an issuing authority: with it, every certificate that it issued would be refused. Say --authority if that is meant.");
        }

        // Before anything is written: a revocation that nobody can publish would only seem to be one.
        authority.Keys.Open(authority.Issuers.Current.Find(certificate.Issuer)!);
        var outcome = await authority.Store.RevokeAsync(certificate, reason);
        if (outcome == RevocationOutcome.NotOnHold)
        {
            throw new UsageException($"{certificate.Serial} is not on hold: a revocation for any other reason is final.");
        }

        authority.Audit.Revoked(certificate, reason, outcome);
        await TellAsync(certificate, outcome);
        return certificate.Issuer;
    }

    private static Task TellAsync(CertificateRecord certificate, RevocationOutcome outcome) => Console.Out.WriteLineAsync(outcome switch
    {
        RevocationOutcome.AlreadyRevoked => $"{certificate.Serial} ({certificate.Identity}) was revoked already.",
        RevocationOutcome.Released => $"{certificate.Serial} ({certificate.Identity}) is no longer on hold.",
        _ => $"Revoked {certificate.Serial} ({certificate.Identity}).",
    });

    /// <summary>
    /// One CRL for each issuer, however many certificates of its were revoked. They are revoked in the database whatever happens here, so
    /// that renewal, OCSP and validation refuse them; one issuer's failure keeps no other from publishing.
    /// </summary>
    private static async Task<int> PublishAsync(OpenedAuthority authority, IEnumerable<string> issuers)
    {
        var exitCode = ExitCode.Success;
        foreach (var issuer in issuers)
        {
            try
            {
                if (await authority.Crls.PublishRevocationsAsync(authority.Issuers.Current.Find(issuer)!) is { } crl)
                {
                    authority.Audit.CrlPublished(crl);
                }
            }
            catch (Exception exception) when (exception is AuthorityException or IOException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync(
                    $"error: the revocation is recorded, but {issuer} has published no CRL with it: {exception.Message}. A running server tries again; without one, say mtls-authority crl.");
                exitCode = ExitCode.Failure;
            }
        }

        return exitCode;
    }
}
