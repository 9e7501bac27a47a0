using System.Net;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.EndToEnd.Tests.Connections;

/// <summary>An answer of the application that goes on until somebody ends it: what a connection carries when its peer is revoked.</summary>
internal sealed class OpenStream : IDisposable
{
    private readonly HttpClient _client;
    private readonly HttpResponseMessage _response;

    private OpenStream(HttpClient client, HttpResponseMessage response, Stream body)
    {
        (_client, _response) = (client, response);
        Ended = ReadToEndAsync(body);
    }

    /// <summary>Completes when the answer ends, however it does.</summary>
    public Task Ended { get; }

    /// <summary>Opens one as this workload.</summary>
    public static Task<OpenStream> OpenAsync(WorkloadPki pki, WorkloadFiles workload, Uri sidecar, Version? version = null)
        => OpenAsync(MtlsClient.Create(pki, workload, version ?? HttpVersion.Version11), new Uri(sidecar, "/events"));

    /// <summary>Opens one as a local application by way of its own sidecar.</summary>
    public static Task<OpenStream> OpenPlainAsync(Uri entry) => OpenAsync(PlainClient.Create(), new Uri(entry, "/events"));

    public void Dispose()
    {
        _response.Dispose();
        _client.Dispose();
    }

    private static async Task<OpenStream> OpenAsync(HttpClient client, Uri target)
    {
        var response = await client.GetAsync(target, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return new OpenStream(client, response, await response.Content.ReadAsStreamAsync());
    }

    private static async Task ReadToEndAsync(Stream body)
    {
        try
        {
            await body.CopyToAsync(Stream.Null);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            // Cut: that is an end, too.
        }
    }
}
