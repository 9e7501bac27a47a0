using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>
/// Lets HTTP/1.1 and HTTP/2 with prior knowledge (gRPC) share one cleartext port. Kestrel chooses by ALPN alone, so a connection that begins
/// with the HTTP/2 preface (RFC 9113 §3.4) is given the feature that TLS would have set.
/// </summary>
internal static class CleartextProtocolDetection
{
    /// <summary>Enough of <c>PRI * HTTP/2.0</c> to tell it from any HTTP/1.1 method.</summary>
    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Runs the stage.</summary>
    public static async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (await BeginsWithPrefaceAsync(connection.Transport.Input, connection.ConnectionClosed))
        {
            var negotiated = new PriorKnowledgeHttp2();
            connection.Features.Set<ITlsApplicationProtocolFeature>(negotiated);
            connection.Features.Set<ITlsConnectionFeature>(negotiated);
        }

        await next(connection);
    }

    private static async Task<bool> BeginsWithPrefaceAsync(PipeReader input, CancellationToken closed)
    {
        while (true)
        {
            ReadResult result;
            try
            {
                result = await input.ReadAsync(closed);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ConnectionResetException)
            {
                // Gone before it said anything: the HTTP stage finds the same and ends the connection.
                return false;
            }

            var buffer = result.Buffer;
            var isPrefix = IsPrefixOfPreface(buffer);
            var decided = !isPrefix || buffer.Length >= Preface.Length || result.IsCompleted;

            // Nothing is consumed. Undecided bytes count as examined, so that the next read waits for more.
            input.AdvanceTo(buffer.Start, decided ? buffer.Start : buffer.End);
            if (decided)
            {
                return isPrefix && buffer.Length >= Preface.Length;
            }
        }
    }

    private static bool IsPrefixOfPreface(ReadOnlySequence<byte> buffer)
    {
        var length = (int)Math.Min(buffer.Length, Preface.Length);
        Span<byte> begin = stackalloc byte[length];
        buffer.Slice(0, length).CopyTo(begin);
        return Preface.StartsWith(begin);
    }

    private sealed class PriorKnowledgeHttp2 : ITlsApplicationProtocolFeature, ITlsConnectionFeature
    {
        public ReadOnlyMemory<byte> ApplicationProtocol { get; } = "h2"u8.ToArray();

        public X509Certificate2? ClientCertificate { get; set; }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult<X509Certificate2?>(null);
    }
}
