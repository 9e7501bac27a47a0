using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Trust.Tests.Validation;

/// <summary>An identity that a test replaces.</summary>
internal sealed class StubSvid(X509Svid current) : ISvidSource
{
    public event Action? Rotated;

    public X509Svid Current { get; private set; } = current;

    public string? LastError => null;

    public void Rotate(X509Svid next)
    {
        Current = next;
        Rotated?.Invoke();
    }
}
