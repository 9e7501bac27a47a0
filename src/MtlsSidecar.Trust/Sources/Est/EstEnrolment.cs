using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Trust.Authorities;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Sources.Est;

/// <summary>
/// Brings this workload its certificate and the next ones: the first for a token, every further one for the certificate before, each with a
/// key of its own that never leaves this machine. A new certificate is checked before it takes the place of the old: key, path to the
/// operator's bundle, identity, time. Whatever fails, what is in force stays, and it is tried again.
/// </summary>
public sealed class EstEnrolment : IDisposable
{
    private readonly EstEnrolmentOptions _options;
    private readonly EstSvidSource _source;
    private readonly PeerValidator _own;
    private readonly TimeProvider _timeProvider;
    private readonly AuthorityClient _authority;
    private readonly EstClient _client;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly EstSchedule _schedule;
    private FileStamp _tokenSeen;

    /// <param name="options">Where and for whom.</param>
    /// <param name="source">Takes the certificates, and holds that of an earlier run.</param>
    /// <param name="trust">The operator's bundle, to which our own certificates must lead.</param>
    /// <param name="serverValidator">Judges the EST server's certificate.</param>
    /// <param name="timeProvider">The clock.</param>
    public EstEnrolment(
        EstEnrolmentOptions options, EstSvidSource source, ITrustBundleSource trust, PeerValidator serverValidator, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(source);
        (_options, _source, _timeProvider) = (options, source, timeProvider);

        // No revocation: an authority that has just signed it would have to be asked about its own word.
        _own = new PeerValidator(trust, new CompositeCertificateValidator([]), ValidationOptions.Workload, timeProvider);
        _authority = new AuthorityClient(options.Endpoint, serverValidator, timeProvider);
        _client = new EstClient(_authority);
        _schedule = new EstSchedule(source.Current?.Certificate, timeProvider.GetUtcNow());
        _tokenSeen = FileStamp.Of(options.TokenFile);
    }

    /// <summary>When the next attempt is due.</summary>
    public DateTimeOffset NextAttempt => _schedule.NextAttempt;

    /// <summary>
    /// Whether an attempt is due: by time or, after one that failed, because there is another token.
    /// </summary>
    public bool IsDue(DateTimeOffset now) => now >= NextAttempt || (_schedule.HasFailed && HasNewToken());

    /// <summary>Makes one attempt. One at a time; never throws for what an operator, the disk or the authority did wrong.</summary>
    /// <returns>Why it failed; null when a new certificate is in force.</returns>
    public async Task<string?> RenewAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var next = await ObtainAsync(cancellationToken);
            _source.Rotate(next);
            _schedule.Succeeded(next.Certificate, _timeProvider.GetUtcNow());
            return null;
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            var now = _timeProvider.GetUtcNow();
            _schedule.Failed(now);
            var error = $"{DescribeCurrent(now)}; {_options.Endpoint.Url.Authority}: {exception.Message}";
            _source.Fail(error);
            return error;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Asks the server which authorities there are, so that peers under a new one find their path.</summary>
    /// <returns>Why it failed; null when the list is current.</returns>
    public async Task<string?> RefreshIssuersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await GetIssuersAsync(_source.Current, cancellationToken);
            return null;
        }
        catch (AuthorityCallException exception)
        {
            return $"{_options.Endpoint.Url.Authority}: {exception.Message}";
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _authority.Dispose();
        _turn.Dispose();
    }

    private static bool IsExpected(Exception exception)
        => exception is AuthorityCallException or TrustMaterialException or IOException or UnauthorizedAccessException or CryptographicException;

    private bool CanRenew(DateTimeOffset now) => _source.Current is { } current && now < current.Certificate.NotAfter;

    private string DescribeCurrent(DateTimeOffset now) => _source.Current?.Certificate.NotAfter switch
    {
        null => "no certificate yet",
        var notAfter when notAfter <= now => $"the certificate expired at {notAfter:O}",
        var notAfter => $"the certificate ends at {notAfter:O}",
    };

    private bool HasNewToken() => FileStamp.Of(_options.TokenFile) is { Exists: true } stamp && stamp != _tokenSeen;

    private string ReadToken()
    {
        _tokenSeen = FileStamp.Of(_options.TokenFile);
        return EnrolmentToken.Read(_options.TokenFile);
    }

    private async Task<X509Svid> ObtainAsync(CancellationToken cancellationToken)
    {
        if (!CanRenew(_timeProvider.GetUtcNow()))
        {
            return await ObtainAsync(renewed: null, ReadToken(), cancellationToken);
        }

        try
        {
            return await ObtainAsync(_source.Current, token: "", cancellationToken);
        }
        catch (AuthorityCallException refusal) when (refusal.IsRefusal && HasNewToken())
        {
            // Only a token that came while we run: one that lies there since before, with uses left, must not undo a revocation.
            try
            {
                return await ObtainAsync(renewed: null, ReadToken(), cancellationToken);
            }
            catch (AuthorityCallException second)
            {
                throw new AuthorityCallException($"{refusal.Message}; {second.Message}", second);
            }
        }
    }

    private async Task<X509Svid> ObtainAsync(X509Svid? renewed, string token, CancellationToken cancellationToken)
    {
        var before = _source.Current;

        // 1. A key, on the disk before anybody certifies it.
        using var key = _source.State.OpenPendingKey(before);

        // 2. The authorities of now: after a change of issuer the new certificate leads through another.
        var issuers = await GetIssuersAsync(renewed, cancellationToken);

        // 3. The certificate.
        var request = CreateRequest(key, renewed?.Certificate);
        var issued = renewed is null
            ? await _client.EnrolAsync(request, token, cancellationToken)
            : await _client.RenewAsync(request, renewed, cancellationToken);

        // 4. Checked, kept, and only then in force.
        var path = await CheckAsync(key, [.. issued, .. issuers], before?.SpiffeId, cancellationToken);
        var certificates = string.Concat(path.Certificates.SkipLast(1).Select(certificate => PemEncoding.WriteString("CERTIFICATE", certificate.RawData.Span) + "\n"));
        var keyPem = key.ExportPkcs8PrivateKeyPem();
        var next = X509Svid.FromPem(certificates, keyPem);
        _source.State.Save(keyPem, certificates);
        return next;
    }

    private async Task<IReadOnlyList<ParsedCertificate>> GetIssuersAsync(X509Svid? identity, CancellationToken cancellationToken)
    {
        var named = await _client.GetIssuersAsync(identity, cancellationToken);
        var issuers = named.Where(certificate => certificate.TryReadContent(out _, out _) && certificate.BasicConstraints is { IsAuthority: true }).ToList();
        _source.Know(issuers);
        return issuers;
    }

    /// <summary>A renewal repeats the names of the certificate that it renews (RFC 7030 §4.2.2); a first request has none to give.</summary>
    private static byte[] CreateRequest(ECDsa key, ParsedCertificate? renewed)
    {
        var request = new CertificateRequest(renewed?.Platform.SubjectName ?? new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        if (renewed is not null && renewed.Extensions.TryGetValue(Paths.Extensions.ExtensionOids.SubjectAlternativeName, out var names))
        {
            request.CertificateExtensions.Add(names);
        }

        return request.CreateSigningRequest();
    }

    /// <summary>
    /// Judges our own new certificate as our peers will. Fails closed: an authority that gives us a certificate of another key or identity, or
    /// one that doesn't lead to the operator's bundle, is refused like any stranger.
    /// </summary>
    private async Task<CertificationPath> CheckAsync(
        ECDsa key, IReadOnlyList<ParsedCertificate> received, SpiffeId? before, CancellationToken cancellationToken)
    {
        var publicKey = key.ExportSubjectPublicKeyInfo();
        var leaf = received.FirstOrDefault(certificate => certificate.SubjectPublicKeyInfo.Span.SequenceEqual(publicKey))
            ?? throw new AuthorityCallException("none of the certificates received is for our key");
        var expected = IdentityPattern.Parse(before?.ToString() ?? $"spiffe://{_options.TrustDomain}/**");
        var presented = new PresentedChain(leaf.RawData, [.. received.Where(certificate => certificate != leaf).Select(certificate => certificate.RawData)]);
        return await _own.ValidateAsync(presented, new PeerExpectation(CertificateUsage.Any, [expected]), cancellationToken) switch
        {
            PeerValidation.Accepted { Peer.Path: var path } => path,
            PeerValidation.Rejected { Rejection: var rejection } => throw new AuthorityCallException(
                $"the certificate received is refused: {rejection.Reason}: {rejection.Detail}"),
            var other => throw new InvalidOperationException($"Unknown validation {other.GetType()}."),
        };
    }
}
