using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using MtlsSidecar.Trust.Authorities;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Trust.Validation;

/// <summary>
/// The validator named <c>Authority</c>: sends the peer's chain to the certification authority, which checks authenticity and its list of
/// revoked certificates, and goes by its answer. Like every validator it is asked only about peers whose path, profile and identity hold
/// already. Fails closed: no answer, a late one or one that can't be read refuses the peer.
/// </summary>
public sealed class AuthorityCertificateValidator : ICertificateValidator, IDisposable
{
    private const int CacheCapacity = 10_000;
    private readonly AuthorityValidationOptions _options;
    private readonly ISvidSource _svid;
    private readonly TimeProvider _timeProvider;
    private readonly AuthorityClient _client;
    private readonly ConcurrentDictionary<Question, DateTimeOffset> _accepted = new();
    private readonly Dictionary<Question, Task<CertificateVerdict>> _asked = [];

    /// <param name="options">Whom to ask, and how long answers count.</param>
    /// <param name="serverValidator">Judges the authority's own server. Must not ask the authority in turn.</param>
    /// <param name="svid">Our own identity, with which we ask.</param>
    /// <param name="timeProvider">The clock.</param>
    public AuthorityCertificateValidator(AuthorityValidationOptions options, PeerValidator serverValidator, ISvidSource svid, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _svid, _timeProvider) = (options, svid, timeProvider);
        _client = new AuthorityClient(options.Endpoint, serverValidator, timeProvider);
    }

    /// <summary>Everything that an answer depends on: all certificates presented, and the role.</summary>
    private readonly record struct Question(string Fingerprint, CertificateUsage Usage);

    /// <inheritdoc/>
    public string Name => "Authority";

    /// <summary>Never changes: an answer ends by its time alone, and is then asked for again.</summary>
    public long Generation => 0;

    /// <inheritdoc/>
    public async ValueTask<CertificateVerdict> ValidateAsync(CandidatePeer candidate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        var question = new Question(candidate.Presented.Fingerprint, candidate.Usage);
        return _accepted.TryGetValue(question, out var validUntil) && _timeProvider.GetUtcNow() < validUntil
            ? new CertificateVerdict.Accepted(validUntil)
            : await AskOnce(question, candidate.Presented).WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>A hundred handshakes of one peer at the same time ask once. None of them can cancel the question for the others.</summary>
    private Task<CertificateVerdict> AskOnce(Question question, PresentedChain presented)
    {
        lock (_asked)
        {
            return _asked.TryGetValue(question, out var asked) ? asked : _asked[question] = AskAsync(question, presented);
        }
    }

    private async Task<CertificateVerdict> AskAsync(Question question, PresentedChain presented)
    {
        // Out of the caller's lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            return Judge(question, await SendAsync(presented, question.Usage));
        }
        catch (AuthorityCallException exception)
        {
            return Reject(exception.IsTimeout ? RejectionReason.DeadlineExceeded : RejectionReason.ValidatorUnavailable, exception.Message);
        }
        finally
        {
            lock (_asked)
            {
                _asked.Remove(question);
            }
        }
    }

    private async Task<AuthorityReply> SendAsync(PresentedChain presented, CertificateUsage usage)
    {
        var identity = _svid.Current ?? throw new AuthorityCallException("we have no certificate yet to ask with");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"v1/validations?usage={NameOf(usage)}", UriKind.Relative))
        {
            Content = new ByteArrayContent(ToPem(presented)) { Headers = { ContentType = new MediaTypeHeaderValue("application/pem-certificate-chain") } },
        };
        return await _client.SendAsync(request, identity, AuthorityAnswer.MaxLength, CancellationToken.None);
    }

    private CertificateVerdict Judge(Question question, AuthorityReply reply)
    {
        if (reply.Status != HttpStatusCode.OK)
        {
            return Reject(RejectionReason.ValidatorUnavailable, $"it answered {(int)reply.Status}");
        }

        return AuthorityAnswer.TryRead(reply.Body) switch
        {
            null => Reject(RejectionReason.ValidatorUnavailable, "its answer can't be read"),
            { IsAccepted: true, ValidUntil: var validUntil } => Accept(question, validUntil),

            // The authority could not decide: nothing is known against the peer, so its live connections are kept.
            { Reason: RejectionReason.ValidatorUnavailable or RejectionReason.DeadlineExceeded } => Reject(
                RejectionReason.ValidatorUnavailable, "it could not decide"),
            { Reason: var reason } => Reject(RejectionReason.AuthorityRejected, $"it refuses the peer: {reason?.ToString() ?? "for a reason unknown here"}"),
        };
    }

    private CertificateVerdict Accept(Question question, DateTimeOffset validUntil)
    {
        var now = _timeProvider.GetUtcNow();
        if (validUntil <= now)
        {
            return Reject(RejectionReason.ValidatorUnavailable, $"its answer ended at {validUntil:O} already: the clocks differ");
        }

        var most = now + _options.CacheDuration;
        var ends = validUntil < most ? validUntil : most;
        if (ends > now)
        {
            // When full, everything is asked for again: hostile peers can make the cache useless that way, never make it grow.
            if (_accepted.Count >= CacheCapacity)
            {
                _accepted.Clear();
            }

            _accepted[question] = ends;
        }

        return new CertificateVerdict.Accepted(ends);
    }

    private CertificateVerdict.Rejected Reject(RejectionReason reason, string detail)
        => new(new PeerRejection(reason, $"certification authority {_options.Endpoint.Url.Authority}: {detail}"));

    private static byte[] ToPem(PresentedChain presented)
    {
        var pem = new StringBuilder();
        foreach (var certificate in presented.Others.Prepend(presented.Leaf))
        {
            pem.Append(PemEncoding.WriteString("CERTIFICATE", certificate.Span)).Append('\n');
        }

        return Encoding.ASCII.GetBytes(pem.ToString());
    }

    private static string NameOf(CertificateUsage usage) => usage switch
    {
        CertificateUsage.Client => "client",
        CertificateUsage.Server => "server",
        _ => "any",
    };
}
