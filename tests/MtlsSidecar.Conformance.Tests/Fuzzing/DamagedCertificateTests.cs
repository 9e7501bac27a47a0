using System.Formats.Asn1;
using MtlsSidecar.Conformance.Tests.BoringSsl;
using MtlsSidecar.TestKit.Fuzzing;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Revocation.Ocsp;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Conformance.Tests.Fuzzing;

/// <summary>
/// Certificates of the suites with damaged bytes, as a hostile peer would present them: each is read or refused, never anything else, and
/// what was damaged is never accepted.
/// </summary>
public sealed class DamagedCertificateTests
{
    private const string Marker = "pkits/pkits.json";
    private const string FreshestCrl = "2.5.29.46";

    [ConformanceTheory(Marker)]
    [InlineData(20261122)]
    public void DamagedCertificate_IsReadOrRefused(int seed)
    {
        var originals = Certificates().ToList();
        for (var input = 0; input < Mutation.Inputs; input++)
        {
            var damaged = Mutation.Apply(originals[input % originals.Count], seed + input);

            // Refusing is fine, anything else would throw here.
            MemoryBound.Hold(damaged.Length, () => ReadAll(damaged)).Should().NotBe("", "a refusal says why");
        }
    }

    [ConformanceTheory(BoringSslChainSuite.File)]
    [InlineData(20261122)]
    public async Task DamagedLeaf_IsNeverAccepted(int seed)
    {
        var cases = BoringSslChainSuite.Cases.Values
            .Where(test => test.IsValid && test.Input.Anchors.Count > 0 && BoringSslChainRules.WhyLeftOut(test) is null)
            .Select(test => test.Input)
            .ToList();
        for (var input = 0; input < Mutation.Inputs; input++)
        {
            var original = cases[input % cases.Count];
            var damaged = Mutation.Apply(original.Leaf.Span, seed + input);
            if (damaged.AsSpan().SequenceEqual(original.Leaf.Span))
            {
                continue;
            }

            var judged = MemoryBound.Hold(damaged.Length, () => ConformanceValidator.JudgeAsync(original with { Leaf = damaged }));
            judged.IsCompleted.Should().BeTrue("nothing but the processor is asked, so all of it ran on this thread");
            var verdict = await judged;

            var rejected = verdict.Should().BeOfType<PeerValidation.Rejected>($"input {input} is damaged").Subject;
            rejected.Rejection.Reason.Should().NotBe(RejectionReason.ValidatorUnavailable, $"input {input} must be refused by a rule, not by a defect: {rejected.Rejection.Detail}");
        }
    }

    /// <summary>Reads everything that is ever read of a certificate, where its pointers lead included. Gives the refusal, or null.</summary>
    private static string? ReadAll(byte[] damaged)
    {
        if (!ParsedCertificate.TryParse(damaged, out var certificate, out var error) || !certificate.TryReadContent(out _, out error))
        {
            return error;
        }

        _ = LeafProfile.Check(certificate, CertificateUsage.Any) is null && PeerIdentityReader.TryRead(certificate, out _, out _);
        _ = AuthorityInformationAccess.OcspUrls(certificate);
        foreach (var extension in new[] { ExtensionOids.CrlDistributionPoints, FreshestCrl })
        {
            try
            {
                _ = DistributionPoint.ReadAll(certificate, extension);
            }
            catch (AsnContentException exception)
            {
                error = exception.Message;
            }
        }

        return error;
    }

    /// <summary>Those of PKITS and of BoringSSL's chains: between them every extension that is read.</summary>
    private static IEnumerable<byte[]> Certificates() => Directory.GetFiles(ConformanceData.Path("pkits/certs"), "*.crt")
        .Order(StringComparer.Ordinal)
        .Select(File.ReadAllBytes)
        .Concat(BoringSslChainSuite.Cases.Values.SelectMany(test => test.Input.Untrusted.Prepend(test.Input.Leaf)).Select(certificate => certificate.ToArray()));
}
