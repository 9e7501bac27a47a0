using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Tests.Paths;

/// <summary>One search for a path, with what a test wants to vary.</summary>
internal sealed record SearchCase
{
    public required X509Certificate2 Leaf { get; init; }

    public IReadOnlyList<X509Certificate2> Untrusted { get; init; } = [];

    public required IReadOnlyList<X509Certificate2> Anchors { get; init; }

    public PathOptions Options { get; init; } = PathOptions.Workload;

    public DateTimeOffset At { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>A leaf with all that it presents, under a root.</summary>
    public static SearchCase For(TestCertificate leaf, TestAuthority root) => new()
    {
        Leaf = leaf.Certificate,
        Untrusted = leaf.Intermediates,
        Anchors = [root.Certificate],
    };

    public PathSearch Start() => new(Parse(Leaf), [.. Untrusted.Select(Parse)], [.. Anchors.Select(Parse)], Options, At);

    /// <summary>Runs the search to its first path or its end.</summary>
    public (CertificationPath? Path, PathSearch Search) Run()
    {
        var search = Start();
        return (search.TryNext(out var path) ? path : null, search);
    }

    public static ParsedCertificate Parse(X509Certificate2 certificate)
        => ParsedCertificate.TryParse(certificate.RawData, out var parsed, out var error) ? parsed : throw new InvalidDataException(error);
}
