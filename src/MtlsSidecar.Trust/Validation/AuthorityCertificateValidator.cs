using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using MtlsSidecar.Trust.Authorities;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Trust.Validation;

/// <summary>
/// The validator named <c>Authority</c>: sends the peer's path to the certification authority, which checks authenticity and its list of
/// revoked certificates, and goes by its answer. Like every validator it is asked only about peers whose path, profile and identity hold
/// already. Fails closed: no answer, a late one or one that can't be read refuses the peer.
/// </summary>
public sealed class AuthorityCertificateValidator : ICertificateValidator, IDisposable
{
    private const int CacheCapacity = 10_000;

    /// <summary>Replicas of one workload share its identity, each with a certificate of its own, and may all come at once.</summary>
    private const int MaxQuestionsOfOnePeer = 64;

    private readonly AuthorityValidationOptions _options;
    private readonly ISvidSource _svid;
    private readonly TimeProvider _timeProvider;
    private readonly AuthorityClient _client;
    private readonly ExpiringCache<Question, DateTimeOffset> _accepted = new(CacheCapacity);
    private readonly QuestionsInFlight<Question, CertificateVerdict> _inFlight = new(MaxQuestionsOfOnePeer);

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

    /// <summary>Everything that an answer depends on: the certificates of the path, and the role.</summary>
    private readonly record struct Question(string Fingerprint, CertificateUsage Usage);

    /// <inheritdoc/>
    public string Name => "Authority";

    /// <summary>Never changes: an answer ends by its time alone, and is then asked for again.</summary>
    public long Generation => 0;

    /// <inheritdoc/>
    public async ValueTask<CertificateVerdict> ValidateAsync(CandidatePeer candidate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(candidate);

        // Not what was presented: beside the path that may hold anything, and a peer that adds another certificate each time would make us
        // ask each time, about all of them.
        var path = candidate.Path.Certificates;
        var asked = new PresentedChain(path[0].RawData, [.. path.Skip(1).SkipLast(1).Select(certificate => certificate.RawData)]);
        var question = new Question(asked.Fingerprint, candidate.Usage);
        if (_accepted.TryGet(question, _timeProvider.GetUtcNow(), out var validUntil))
        {
            return new CertificateVerdict.Accepted(validUntil);
        }

        // A hundred handshakes of one peer at the same time ask once. None of them can cancel the question for the others.
        return _inFlight.TryAsk(candidate.Identity.Name, question, () => AskAsync(question, asked)) is { } answer
            ? await answer.WaitAsync(cancellationToken)
            : Reject(RejectionReason.ValidatorUnavailable, $"not asked, as {MaxQuestionsOfOnePeer} questions about this identity are under way");
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<CertificateVerdict> AskAsync(Question question, PresentedChain asked)
    {
        try
        {
            return Judge(question, await SendAsync(asked, question.Usage));
        }
        catch (AuthorityCallException exception)
        {
            return Reject(exception.IsTimeout ? RejectionReason.DeadlineExceeded : RejectionReason.ValidatorUnavailable, exception.Message);
        }
    }

    private async Task<AuthorityReply> SendAsync(PresentedChain asked, CertificateUsage usage)
    {
        var identity = _svid.Current ?? throw new AuthorityCallException("we have no certificate yet to ask with");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"v1/validations?usage={NameOf(usage)}", UriKind.Relative))
        {
            Content = new ByteArrayContent(ToPem(asked)) { Headers = { ContentType = new MediaTypeHeaderValue("application/pem-certificate-chain") } },
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
            _accepted.Add(question, ends, ends);
        }

        return new CertificateVerdict.Accepted(ends);
    }

    private CertificateVerdict.Rejected Reject(RejectionReason reason, string detail)
        => new(new PeerRejection(reason, $"certification authority {_options.Endpoint.Url.Authority}: {detail}"));

    private static byte[] ToPem(PresentedChain asked)
    {
        var pem = new StringBuilder();
        foreach (var certificate in asked.Others.Prepend(asked.Leaf))
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
