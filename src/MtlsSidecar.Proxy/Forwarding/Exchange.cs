using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Http;
using MtlsSidecar.Proxy.Listeners;

namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>
/// One request on its way through: where it came in, what it asks for and, once it is being forwarded, its clock and its counters. The one
/// feature that our forwarding looks up, since looking up is among the dear things of a request.
/// </summary>
/// <param name="listener">The listener that accepted the connection.</param>
/// <param name="connection">The validated peer's connection; null outbound, where the local application calls.</param>
/// <param name="startedAt">When the request came, as the clock's timestamp.</param>
internal sealed class Exchange(SidecarListener listener, LiveConnection? connection, long startedAt) : IDisposable
{
    private ExchangeTimer? _timer;
    private ObservedBody? _request;
    private ObservedBody? _response;

    /// <summary>The listener that accepted the connection.</summary>
    public SidecarListener Listener => listener;

    /// <summary>The validated peer's connection; null outbound.</summary>
    public LiveConnection? Connection => connection;

    /// <summary>When the request came, as the clock's timestamp.</summary>
    public long StartedAt => startedAt;

    /// <summary>What is asked for, once it was checked.</summary>
    public RequestTarget? Target { get; set; }

    /// <summary>Whether the request that is being forwarded may have a body.</summary>
    public bool MayHaveBody => _request is not null;

    /// <summary>The clock. Runs from <see cref="StartForwarding"/> on.</summary>
    public ExchangeTimer Timer => _timer ?? throw new InvalidOperationException("The request is not being forwarded.");

    /// <summary>Bytes of the request's body so far.</summary>
    public long BytesReceived => _request?.Bytes ?? 0;

    /// <summary>Bytes of the response's body so far.</summary>
    public long BytesSent => _response?.Bytes ?? 0;

    /// <summary>Where the request was sent last; null inbound, where there is but one application, and while it was sent nowhere.</summary>
    public IForwardingDestination? Destination { get; set; }

    /// <summary>The identity of the peer that answered; null when none did.</summary>
    public string? AnsweredBy { get; private set; }

    /// <summary>Whether the answer was read to its end. What becomes of the request afterwards can spoil it no more.</summary>
    public bool AnswerIsWhole { get; private set; }

    /// <summary>The exchange of a request; null for one that didn't come in through a forwarding listener.</summary>
    public static Exchange? Of(HttpContext context) => context.Features.Find<Exchange>();

    /// <summary>Ties the exchange to its request.</summary>
    public void AttachTo(HttpContext context) => context.Features[typeof(Exchange)] = this;

    /// <summary>Starts the clock and puts the observers between server and forwarder.</summary>
    public void StartForwarding(HttpContext context, TimeSpan headerTimeout, TimeSpan idleTimeout, TimeProvider timeProvider)
    {
        var timer = new ExchangeTimer(headerTimeout, idleTimeout, timeProvider, ExchangeKind.MayBeSilent(context.Request), context.RequestAborted);
        _timer = timer;
        if (context.Features.Find<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true)
        {
            context.Request.Body = _request = new ObservedBody(context.Request.Body, timer);
        }
        else
        {
            timer.RequestSent();
        }

        // The forwarder gives up when this token is cancelled, whether the caller left or the time ran out.
        context.RequestAborted = timer.Token;

        var responseBody = context.Features.Find<IHttpResponseBodyFeature>() ?? throw new InvalidOperationException("The server has no response body.");
        _response = new ObservedBody(responseBody.Stream, timer);
        context.Features[typeof(IHttpResponseBodyFeature)] = new ObservedResponse(responseBody, _response);
    }

    /// <summary>Flushes the outgoing request whenever the caller makes us wait for more of its body.</summary>
    public void FlushRequestTo(Stream outgoing) => _request?.FlushBeforeWaiting(outgoing);

    /// <summary>The answer has begun: another limit holds from now on, or none.</summary>
    public void NoteAnswer(HttpResponseMessage answer)
    {
        AnsweredBy = Destination?.Peer;
        if (ExchangeKind.MayBeSilent(answer))
        {
            Timer.TurnOff();
        }
        else
        {
            Timer.ResponseBegan();
        }
    }

    /// <summary>The answer's body has ended as it should.</summary>
    public void NoteEndOfAnswer() => AnswerIsWhole = true;

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();
}
