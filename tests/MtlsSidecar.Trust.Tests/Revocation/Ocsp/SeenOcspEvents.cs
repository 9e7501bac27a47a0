using System.Collections.Concurrent;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Ocsp;

namespace MtlsSidecar.Trust.Tests.Revocation.Ocsp;

/// <summary>Remembers what a store told its observer.</summary>
internal sealed class SeenOcspEvents : IOcspObserver
{
    public ConcurrentQueue<RevocationStatus> Answers { get; } = new();

    public ConcurrentQueue<string> Failures { get; } = new();

    public ConcurrentQueue<string> Changes { get; } = new();

    public void Answered(string url, RevocationStatus status) => Answers.Enqueue(status);

    public void Failed(string url, string serialNumber, string reason) => Failures.Enqueue(reason);

    public void Changed(string url, string serialNumber, string detail) => Changes.Enqueue(detail);
}
