using System.Globalization;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace MtlsSidecar.TestKit.Applications;

/// <summary>
/// What <see cref="HttpApplication"/> serves, by first path segment; anything else is answered with what was received.
/// Answers that take time wait for the test, never for a clock.
/// </summary>
public sealed class ApplicationEndpoints
{
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;
    private int _aborted;

    /// <summary>Requests to <c>/wait</c> or <c>/events</c> that are being answered.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Waiting requests whose client went away.</summary>
    public int Aborted => Volatile.Read(ref _aborted);

    /// <summary>Sends one event to whoever reads <c>/events</c>.</summary>
    public void Publish(string data) => _events.Writer.TryWrite(data);

    /// <summary>Lets every request to <c>/wait</c> and <c>/events</c> finish, present and future.</summary>
    public void Release()
    {
        _events.Writer.TryComplete();
        _released.TrySetResult();
    }

    internal Task AnswerAsync(HttpContext context, string target) => FirstSegment(target) switch
    {
        "download" => DownloadAsync(context),
        "mirror" => MirrorAsync(context),
        "events" => EventsAsync(context),
        "websocket" => WebSocketAsync(context),
        "grpc" => GrpcAsync(context),
        "wait" => WaitAsync(context),
        "status" => StatusAsync(context, target),
        "reset" => ResetAsync(context),
        "abort" => AbortAsync(context),
        "hop" => HopAsync(context),
        _ => EchoAsync(context, target),
    };

    private static string FirstSegment(string target) => target.TrimStart('/').Split('/', '?')[0];

    private static async Task EchoAsync(HttpContext context, string target)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var length = 0L;
        var buffer = new byte[64 * 1024];
        while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is var read and > 0)
        {
            hash.AppendData(buffer, 0, read);
            length += read;
        }

        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToArray()!);
        var echo = new Echo(context.Request.Method, target, context.Request.Protocol, headers!, length, Convert.ToHexStringLower(hash.GetCurrentHash()));
        await context.Response.WriteAsJsonAsync(echo, context.RequestAborted);
    }

    // ?bytes=N and, with &chunked, no Content-Length.
    private static async Task DownloadAsync(HttpContext context)
    {
        var bytes = long.Parse(context.Request.Query["bytes"]!, CultureInfo.InvariantCulture);
        if (!context.Request.Query.ContainsKey("chunked"))
        {
            context.Response.ContentLength = bytes;
        }

        var block = new byte[64 * 1024];
        for (var sent = 0L; sent < bytes; sent += block.Length)
        {
            BodyPattern.Fill(block, sent);
            await context.Response.Body.WriteAsync(block.AsMemory(0, (int)Math.Min(block.Length, bytes - sent)), context.RequestAborted);
        }
    }

    // Sends back each piece of the body as it arrives: proves that both ways stream at once.
    private static async Task MirrorAsync(HttpContext context)
    {
        await context.Response.StartAsync();
        await context.Response.Body.FlushAsync();
        var buffer = new byte[16 * 1024];
        while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is var read and > 0)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private async Task EventsAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.FlushAsync();
        await CountedAsync(async () =>
        {
            await foreach (var data in _events.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.WriteAsync($"data: {data}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        });
    }

    private static async Task WebSocketAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } received)
        {
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
    }

    // Shaped like a gRPC stream: each message is answered as it comes, the status is a trailer. /grpc/fail answers with trailers only,
    // /grpc/collect with everything at once when the caller has ended: a call whose caller streams.
    private static async Task GrpcAsync(HttpContext context)
    {
        context.Response.ContentType = "application/grpc";
        if (context.Request.Path == "/grpc/fail")
        {
            context.Response.Headers["grpc-status"] = "7";
            return;
        }

        if (context.Request.Path == "/grpc/collect")
        {
            using var collected = new MemoryStream();
            await context.Request.Body.CopyToAsync(collected, context.RequestAborted);
            await context.Response.Body.WriteAsync(collected.ToArray(), context.RequestAborted);
        }
        else
        {
            await MirrorAsync(context);
        }

        context.Response.AppendTrailer("grpc-status", "0");
        context.Response.AppendTrailer("grpc-message", "fine");
    }

    private async Task WaitAsync(HttpContext context)
    {
        await CountedAsync(() => _released.Task.WaitAsync(context.RequestAborted));
        await context.Response.WriteAsync("released");
    }

    // /status/N answers with N; what may not have a body gets none.
    private static Task StatusAsync(HttpContext context, string target)
    {
        context.Response.StatusCode = int.Parse(target.Split('/', '?')[2], CultureInfo.InvariantCulture);
        context.Response.Headers.ETag = "\"1\"";
        return Task.CompletedTask;
    }

    // Answers, begins a body of known length, and resets the connection.
    private static async Task ResetAsync(HttpContext context)
    {
        context.Response.ContentLength = 1_000_000;
        await context.Response.Body.WriteAsync(new byte[1000]);
        await context.Response.Body.FlushAsync();
        context.Abort();
    }

    // Closes the connection without any answer.
    private static Task AbortAsync(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    // An answer with headers for the next hop only.
    private static Task HopAsync(HttpContext context)
    {
        context.Response.Headers.Connection = "x-hop";
        context.Response.Headers["x-hop"] = "only the next";
        context.Response.Headers["x-end"] = "everybody";
        return context.Response.WriteAsync("hop");
    }

    private async Task CountedAsync(Func<Task> answer)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await answer();
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _aborted);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
