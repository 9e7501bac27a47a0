using System.Text;

namespace MtlsSidecar.TestKit.Networking;

/// <summary>One request to a <see cref="ScriptedHttpServer"/>, to be answered as the test likes.</summary>
public sealed class ScriptedRequest(Stream stream, string head, byte[] body, CancellationToken stopping)
{
    /// <summary>Request line and header fields.</summary>
    public string Head { get; } = head;

    public byte[] Body { get; } = body;

    /// <summary>Answers 200 with this content.</summary>
    public Task AnswerAsync(byte[] content, string extraHeaders = "")
        => SendAsync([.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {content.Length}\r\n{extraHeaders}Connection: close\r\n\r\n"), .. content]);

    /// <summary>Answers with a status and no content.</summary>
    public Task RefuseAsync(int status, string extraHeaders = "")
        => SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Status\r\nContent-Length: 0\r\n{extraHeaders}Connection: close\r\n\r\n"));

    /// <summary>Sends these bytes.</summary>
    public async Task SendAsync(byte[] bytes) => await stream.WriteAsync(bytes, stopping);

    /// <summary>Says nothing until the test is over.</summary>
    public Task HangAsync() => Task.Delay(Timeout.Infinite, stopping);
}
