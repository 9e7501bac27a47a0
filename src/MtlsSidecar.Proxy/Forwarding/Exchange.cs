using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>One request on its way through with its clock and its counters. A feature of the request while it is being forwarded.</summary>
internal sealed class Exchange : IDisposable
{
    private readonly ObservedBody _request;
    private readonly ObservedBody _response;

    private Exchange(ExchangeTimer timer, ObservedBody request, ObservedBody response)
        => (Timer, _request, _response) = (timer, request, response);

    /// <summary>The clock.</summary>
    public ExchangeTimer Timer { get; }

    /// <summary>Bytes of the request's body so far.</summary>
    public long BytesReceived => _request.Bytes;

    /// <summary>Bytes of the response's body so far.</summary>
    public long BytesSent => _response.Bytes;

    /// <summary>Where the request was sent last; null inbound, where there is but one application, and while it was sent nowhere.</summary>
    public IForwardingDestination? Destination { get; set; }

    /// <summary>The identity of the peer that answered; null when none did.</summary>
    public string? AnsweredBy { get; private set; }

    /// <summary>Whether the answer was read to its end. What becomes of the request afterwards can spoil it no more.</summary>
    public bool AnswerIsWhole { get; private set; }

    /// <summary>The answer has begun.</summary>
    public void NoteAnswer() => AnsweredBy = Destination?.Peer;

    /// <summary>The answer's body has ended as it should.</summary>
    public void NoteEndOfAnswer() => AnswerIsWhole = true;

    /// <summary>Flushes the outgoing request whenever the caller makes us wait for more of its body.</summary>
    public void FlushRequestTo(Stream outgoing) => _request.FlushBeforeWaiting(outgoing);

    /// <summary>Starts the clock and puts the observers between server and forwarder.</summary>
    public static Exchange Begin(HttpContext context, TimeSpan headerTimeout, TimeSpan idleTimeout, TimeProvider timeProvider)
    {
        var timer = new ExchangeTimer(headerTimeout, idleTimeout, timeProvider, ExchangeKind.MayBeSilent(context.Request), context.RequestAborted);
        var request = new ObservedBody(context.Request.Body, timer);
        var responseBody = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var response = new ObservedBody(responseBody.Stream, timer);
        context.Features.Set<IHttpResponseBodyFeature>(new ObservedResponse(responseBody, response));
        var hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true;
        if (hasBody)
        {
            context.Request.Body = request;
        }
        else
        {
            timer.RequestSent();
        }

        // The forwarder gives up when this token is cancelled, whether the caller left or the time ran out.
        context.RequestAborted = timer.Token;
        return new Exchange(timer, request, response);
    }

    /// <inheritdoc/>
    public void Dispose() => Timer.Dispose();
}
