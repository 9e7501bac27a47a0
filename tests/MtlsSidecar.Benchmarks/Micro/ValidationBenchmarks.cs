using System.Security.Cryptography.X509Certificates;
using BenchmarkDotNet.Attributes;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Benchmarks.Micro;

/// <summary>
/// A leaf with two intermediates, never seen before and seen before, against the platform's chain engine. Every certificate that counts as
/// new is new: both engines remember what they have met.
/// </summary>
public class ValidationBenchmarks
{
    // More than all iterations use; each set is one leaf with intermediates of its own.
    private const int Fresh = 4096;

    private readonly MicroPki _pki = new();
    private readonly List<(PresentedChain Presented, byte[] Leaf, byte[][] Intermediates)> _fresh = [];
    private PeerValidator _validator = null!;
    private PresentedChain _known = null!;
    private int _next;

    [GlobalSetup]
    public void Prepare()
    {
        _validator = _pki.CreateValidator(new AcceptingValidator());
        for (var index = 0; index < Fresh; index++)
        {
            using var policy = _pki.Root.CreateIntermediate($"Policy {index}");
            using var issuing = policy.CreateIntermediate($"Issuing {index}");
            using var leaf = issuing.Issue(new IssueOptions { Uris = ["spiffe://foo.test/web"] });
            _fresh.Add((MicroPki.Present(leaf), leaf.Certificate.RawData, [.. leaf.Intermediates.Select(intermediate => intermediate.RawData)]));
        }

        using var known = _pki.Issue();
        _known = MicroPki.Present(known);
        RequireAccepted(_validator.ValidateAsync(_known, PeerExpectation.AnyClient, CancellationToken.None).AsTask().GetAwaiter().GetResult());
    }

    [GlobalCleanup]
    public void Clean() => _pki.Dispose();

    [Benchmark(Baseline = true, Description = "X509Chain.Build, leaf and intermediates new")]
    public bool Platform()
    {
        var (_, der, others) = Next();
        using var leaf = X509CertificateLoader.LoadCertificate(der);
        X509Certificate2[] intermediates = [.. others.Select(other => X509CertificateLoader.LoadCertificate(other))];
        var accepted = _pki.PlatformAccepts(leaf, intermediates);
        Array.ForEach(intermediates, intermediate => intermediate.Dispose());
        return accepted ? true : throw new InvalidOperationException("the platform refused");
    }

    [Benchmark(Description = "PeerValidator, leaf and intermediates new")]
    public PeerValidation First()
        => RequireAccepted(_validator.ValidateAsync(Next().Presented, PeerExpectation.AnyClient, CancellationToken.None).AsTask().GetAwaiter().GetResult());

    [Benchmark(Description = "PeerValidator, same peer again")]
    public PeerValidation Again()
        => RequireAccepted(_validator.ValidateAsync(_known, PeerExpectation.AnyClient, CancellationToken.None).AsTask().GetAwaiter().GetResult());

    // When all were used the validator starts anew, so that none is ever known.
    private (PresentedChain Presented, byte[] Leaf, byte[][] Intermediates) Next()
    {
        if (_next == Fresh)
        {
            _next = 0;
            _validator = _pki.CreateValidator(new AcceptingValidator());
        }

        return _fresh[_next++];
    }

    private static PeerValidation RequireAccepted(PeerValidation validation)
        => validation is PeerValidation.Accepted ? validation : throw new InvalidOperationException($"{validation}");
}
