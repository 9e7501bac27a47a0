using MtlsSidecar.Authority.Enrolment;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Authority.Telemetry;

/// <summary>One line for each certificate issued, renewed or revoked and for each request refused: who, what, why, never a key or token.</summary>
internal sealed partial class AuditLog(params ILogger[] loggers)
{
    /// <summary>The category of all audit lines.</summary>
    public const string Category = "MtlsSidecar.Authority.Audit";

    private const int MaxDetailLength = 300;

    /// <summary>A certificate was issued.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="caller">Who asked for it: an address, an identity or <c>command</c>.</param>
    public void Issued(CertificateRecord certificate, string caller)
    {
        foreach (var logger in loggers)
        {
            Log.Issued(logger, certificate.Kind, certificate.Serial, certificate.Issuer, certificate.Identity, certificate.NotAfter, certificate.Origin, caller);
        }
    }

    /// <summary>A certificate that was issued a moment ago was given to the same key again.</summary>
    public void Repeated(CertificateRecord certificate, string caller)
    {
        foreach (var logger in loggers)
        {
            Log.Repeated(logger, certificate.Serial, certificate.Identity, caller);
        }
    }

    /// <summary>A certificate was revoked, or a hold taken back.</summary>
    public void Revoked(CertificateRecord certificate, CrlReason reason, RevocationOutcome outcome)
    {
        foreach (var logger in loggers)
        {
            Log.Revoked(logger, outcome, certificate.Serial, certificate.Issuer, certificate.Identity, reason);
        }
    }

    /// <summary>A revocation was refused.</summary>
    /// <param name="what">What was to be revoked, as the operator named it.</param>
    /// <param name="detail">Why not.</param>
    public void RevocationRefused(string what, string detail)
    {
        foreach (var logger in loggers)
        {
            Log.RevocationRefused(logger, Bounded(what), Bounded(detail));
        }
    }

    /// <summary>A CRL was published.</summary>
    public void CrlPublished(CrlRecord crl)
    {
        foreach (var logger in loggers)
        {
            Log.CrlPublished(logger, crl.Number, crl.Issuer, crl.NextUpdate);
        }
    }

    /// <summary>A request for a certificate was refused.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="detail">What was found; may quote the request, so its length is bounded here.</param>
    /// <param name="caller">From where it came.</param>
    public void EnrolmentRefused(EnrolmentRefusal reason, string detail, string caller)
    {
        foreach (var logger in loggers)
        {
            Log.EnrolmentRefused(logger, reason, Bounded(detail), caller);
        }
    }

    /// <summary>A caller of the validation endpoint was refused.</summary>
    public void CallerRefused(PeerRejection rejection, string caller)
    {
        foreach (var logger in loggers)
        {
            Log.CallerRefused(logger, rejection.Reason, Bounded(rejection.Detail), caller);
        }
    }

    /// <summary>A token was made.</summary>
    public void TokenCreated(TokenGrant token)
    {
        foreach (var logger in loggers)
        {
            Log.TokenCreated(logger, token.Identity, token.ExpiresAt, token.Uses, token.HashPrefix);
        }
    }

    /// <summary>Tokens were withdrawn.</summary>
    public void TokensCancelled(string identity, int count)
    {
        foreach (var logger in loggers)
        {
            Log.TokensCancelled(logger, count, identity);
        }
    }

    /// <summary>An operator has taken the present time for right although the authority had seen a later one.</summary>
    public void ClockAccepted(DateTimeOffset before, DateTimeOffset now)
    {
        foreach (var logger in loggers)
        {
            Log.ClockAccepted(logger, now, before);
        }
    }

    /// <summary>An operator has let new certificates come from another issuing authority.</summary>
    public void IssuerChosen(string issuer)
    {
        foreach (var logger in loggers)
        {
            Log.IssuerChosen(logger, issuer);
        }
    }

    private static string Bounded(string detail) => detail.Length <= MaxDetailLength ? detail : detail[..MaxDetailLength];

    private static partial class Log
    {
        [LoggerMessage(8104, LogLevel.Warning, "Refused an enrolment: {Reason}: {Detail}, from {Caller}", EventName = nameof(EnrolmentRefused))]
        public static partial void EnrolmentRefused(ILogger logger, EnrolmentRefusal reason, string detail, string caller);

        [LoggerMessage(8105, LogLevel.Warning, "Refused a caller: {Reason}: {Detail}, from {Caller}", EventName = nameof(CallerRefused))]
        public static partial void CallerRefused(ILogger logger, RejectionReason reason, string detail, string caller);

        [LoggerMessage(8106, LogLevel.Information, "Made a token for {Identity} until {ExpiresAt}, {Uses} uses; its hash begins {HashPrefix}", EventName = nameof(TokenCreated))]
        public static partial void TokenCreated(ILogger logger, string identity, DateTimeOffset expiresAt, int uses, string hashPrefix);

        [LoggerMessage(8101, LogLevel.Information, "Issued {Kind} {Serial} by {Issuer} for {Identity} until {NotAfter}, by {Origin} from {Caller}", EventName = nameof(Issued))]
        public static partial void Issued(
            ILogger logger, CertificateKind kind, SerialNumber serial, string issuer, string identity, DateTimeOffset notAfter, string origin, string caller);

        [LoggerMessage(8107, LogLevel.Information, "Gave {Serial} for {Identity} again, to {Caller}", EventName = nameof(Repeated))]
        public static partial void Repeated(ILogger logger, SerialNumber serial, string identity, string caller);

        [LoggerMessage(8102, LogLevel.Information, "{Outcome}: {Serial} by {Issuer} for {Identity}, reason {Reason}", EventName = nameof(Revoked))]
        public static partial void Revoked(ILogger logger, RevocationOutcome outcome, SerialNumber serial, string issuer, string identity, CrlReason reason);

        [LoggerMessage(8108, LogLevel.Warning, "Refused to revoke {What}: {Detail}", EventName = nameof(RevocationRefused))]
        public static partial void RevocationRefused(ILogger logger, string what, string detail);

        [LoggerMessage(8109, LogLevel.Information, "Withdrew {Count} tokens of {Identity}", EventName = nameof(TokensCancelled))]
        public static partial void TokensCancelled(ILogger logger, int count, string identity);

        [LoggerMessage(8110, LogLevel.Warning, "Accepted the clock: {Now}, after {Before}", EventName = nameof(ClockAccepted))]
        public static partial void ClockAccepted(ILogger logger, DateTimeOffset now, DateTimeOffset before);

        [LoggerMessage(8111, LogLevel.Information, "Certificates come from {Issuer} from now on", EventName = nameof(IssuerChosen))]
        public static partial void IssuerChosen(ILogger logger, string issuer);

        [LoggerMessage(8103, LogLevel.Information, "Published CRL {Number} of {Issuer}, next update {NextUpdate}", EventName = nameof(CrlPublished))]
        public static partial void CrlPublished(ILogger logger, long number, string issuer, DateTimeOffset nextUpdate);
    }
}
