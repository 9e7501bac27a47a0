using System.Collections;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Tests.Revocation.Crl;

/// <summary>
/// A path that lets something happen in the middle of a question about it: right before one of the question's looks at the path. Asked again
/// with the next look until none is left, a test sees whatever another thread could do at any of these moments.
/// </summary>
internal sealed class InterruptedPath(IReadOnlyList<ParsedCertificate> path) : IReadOnlyList<ParsedCertificate>
{
    private Action? _interruption;
    private int _looks;

    /// <summary>Whether the moment came.</summary>
    public bool WasInterrupted { get; private set; }

    /// <inheritdoc/>
    public int Count
    {
        get
        {
            Look();
            return path.Count;
        }
    }

    /// <inheritdoc/>
    public ParsedCertificate this[int index]
    {
        get
        {
            Look();
            return path[index];
        }
    }

    /// <summary>Counts the looks from now on.</summary>
    public void InterruptBefore(int look, Action interruption) => (_looks, _interruption) = (look, interruption);

    /// <inheritdoc/>
    public IEnumerator<ParsedCertificate> GetEnumerator()
    {
        Look();
        return path.GetEnumerator();
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Look()
    {
        if (_interruption is { } interruption && --_looks == 0)
        {
            _interruption = null;
            WasInterrupted = true;
            interruption();
        }
    }
}
