using System.Net;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.EndToEnd.Tests.Fixtures;

/// <summary>One request of a peer over a fresh mTLS connection.</summary>
public static class Peer
{
    /// <summary>The status, or null if the connection was refused.</summary>
    public static async Task<HttpStatusCode?> StatusAsync(WorkloadPki pki, WorkloadFiles? workload, Uri sidecar, string target = "/hello")
    {
        using var client = MtlsClient.Create(pki, workload);
        try
        {
            using var response = await client.GetAsync(new Uri(sidecar, target));
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
