using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Authorities;

/// <summary>A certification authority's server as this side knows it.</summary>
/// <param name="Url">Its base address, https.</param>
/// <param name="Expectation">Who must answer there.</param>
/// <param name="Timeout">Time for one call in all: connecting, the handshake, the verdict on the server, the answer.</param>
public sealed record AuthorityEndpoint(Uri Url, PeerExpectation Expectation, TimeSpan Timeout)
{
    /// <summary>An address below the base address, which may have a path of its own.</summary>
    internal Uri At(string relative) => new($"{Url.AbsoluteUri.TrimEnd('/')}/{relative}");
}
