using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Authority.Storage;

/// <summary>
/// The seam behind which the authority's state lies. Every change is one durable transaction: when its task has completed, neither a kill
/// nor a loss of power undoes it. Reads see what any process has committed.
/// </summary>
internal interface IAuthorityStore : IDisposable
{
    /// <summary>Grows with every revocation and every change of issuers, by whatever process: an answer given under another number may no longer hold.</summary>
    long Generation { get; }

    /// <summary>The latest time that any process has written at; time never falls behind it unnoticed.</summary>
    DateTimeOffset LatestTime { get; }

    /// <summary>Reads the settings.</summary>
    AuthoritySettings ReadSettings();

    /// <summary>Replaces the settings.</summary>
    Task WriteSettingsAsync(AuthoritySettings settings);

    /// <summary>Root and issuing authorities, in the order in which they came.</summary>
    IReadOnlyList<IssuerRecord> ReadIssuers();

    /// <summary>Adds an issuer with its certificate, and lets new certificates come from it if it is active.</summary>
    Task AddIssuerAsync(IssuerRecord issuer, CertificateRecord certificate);

    /// <summary>Lets new certificates come from this issuer and no other.</summary>
    Task ActivateIssuerAsync(string issuer);

    /// <summary>Records a certificate. It must not leave the process before.</summary>
    /// <exception cref="ClockMovedBackException">The clock is behind what was written earlier.</exception>
    Task AddCertificateAsync(CertificateRecord certificate);

    /// <summary>
    /// Records a certificate that renews another one, unless that one is revoked by now: in one transaction, so that no renewal slips past a
    /// revocation that was acknowledged before.
    /// </summary>
    /// <returns>Whether it was recorded.</returns>
    /// <exception cref="ClockMovedBackException">The clock is behind what was written earlier.</exception>
    Task<bool> AddRenewalAsync(CertificateRecord certificate, CertificateRecord old);

    /// <summary>Adds an enrolment token.</summary>
    Task AddTokenAsync(TokenGrant token);

    /// <summary>The enrolment tokens that were made and not withdrawn, with the uses that they have left; the first to end first.</summary>
    IReadOnlyList<TokenGrant> ReadTokens();

    /// <summary>Withdraws a token: whoever presents it is refused from now on.</summary>
    /// <returns>Whether there was one.</returns>
    Task<bool> CancelTokenAsync(byte[] tokenHash);

    /// <summary>Withdraws all tokens of a workload.</summary>
    /// <returns>How many there were.</returns>
    Task<int> CancelTokensAsync(string identity);

    /// <summary>
    /// Redeems a token for a key: checks it, counts the use and records the certificate in one transaction, so that a token of one use
    /// never yields two certificates.
    /// </summary>
    /// <param name="tokenHash">The token's hash.</param>
    /// <param name="keyHash">The hash of the key that is certified.</param>
    /// <param name="sign">Signs the certificate that the token permits; called once, inside the transaction.</param>
    /// <exception cref="ClockMovedBackException">The clock is behind what was written earlier.</exception>
    Task<TokenRedemption> RedeemTokenAsync(byte[] tokenHash, byte[] keyHash, Func<TokenGrant, CertificateRecord> sign);

    /// <summary>Finds certificates by serial number, below any issuer.</summary>
    IReadOnlyList<CertificateRecord> FindCertificates(SerialNumber serial);

    /// <summary>All certificates, the latest first.</summary>
    IEnumerable<CertificateRecord> ReadCertificates();

    /// <summary>What is known of a certificate.</summary>
    CertificateStatus ReadStatus(string issuer, SerialNumber serial);

    /// <summary>Revokes a certificate that exists.</summary>
    Task<RevocationOutcome> RevokeAsync(CertificateRecord certificate, CrlReason reason);

    /// <summary>
    /// Revokes every certificate of a workload that hasn't ended, makes its holds final, and withdraws its tokens. One transaction, and the
    /// list is made inside it: whoever holds the key and renews as fast as it can is either on the list or refused, never in between.
    /// </summary>
    /// <param name="identity">The SPIFFE ID.</param>
    /// <param name="reason">Why; <see cref="CrlReason.RemoveFromCrl"/> takes back its holds, and leaves its tokens alone.</param>
    /// <param name="now">What ended before is left out: the machine's own clock, since the time of the database may run ahead of it.</param>
    Task<IdentityRevocation> RevokeIdentityAsync(string identity, CrlReason reason, DateTimeOffset now);

    /// <summary>The last CRL of an issuer that was published; null when there is none.</summary>
    CrlRecord? ReadPublishedCrl(string issuer);

    /// <summary>Whether the last published CRL knows of every revocation below an issuer.</summary>
    bool IsCrlComplete(string issuer);

    /// <summary>Takes the next CRL number. A number taken for a CRL that is never published is lost, which does no harm.</summary>
    /// <param name="issuer">The issuer.</param>
    /// <param name="isScheduled">Whether the CRL is a scheduled one.</param>
    /// <param name="validity">From thisUpdate to nextUpdate.</param>
    Task<CrlPlan> PlanCrlAsync(string issuer, bool isScheduled, TimeSpan validity);

    /// <summary>Streams what the full CRL and its delta list, each entry once; a snapshot at one moment that stops nobody from writing.</summary>
    IEnumerable<CrlEntry> ReadCrlEntries(CrlPlan plan);

    /// <summary>Remembers that a CRL was published.</summary>
    Task MarkPublishedAsync(CrlRecord crl);

    /// <summary>Takes the present time for right although earlier writes carry a later one.</summary>
    Task AcceptClockAsync();

    /// <summary>Reads the whole store for damage.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    string? FindDamage();
}
