using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Paths.Rules;

/// <summary>One forged authority per rule.</summary>
public sealed class IssuerRulesTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot();

    [Fact]
    public void IntermediateThatIsNoAuthority_IssuesNothing()
    {
        using var intermediate = _root.CreateIntermediate("Not CA", request =>
        {
            request.Replace(new X509BasicConstraintsExtension(false, false, 0, true));
            request.Remove("2.5.29.15");
        });

        Reject(intermediate).Rule.Should().Be("RFC 5280 §6.1.4(k)");
    }

    [Fact]
    public void IntermediateWithoutBasicConstraints_IssuesNothing()
    {
        using var intermediate = _root.CreateIntermediate("Silent", request =>
        {
            request.Remove("2.5.29.19");
            request.Remove("2.5.29.15");
        });

        Reject(intermediate).Rule.Should().Be("RFC 5280 §6.1.4(k)");
    }

    [Fact]
    public void IntermediateWhoseKeyMayNotSignCertificates_IssuesNothing()
    {
        using var intermediate = _root.CreateIntermediate("CRL signer", request => request.Replace(new X509KeyUsageExtension(X509KeyUsageFlags.CrlSign, true)));

        Reject(intermediate).Rule.Should().Be("RFC 5280 §6.1.4(n)");
    }

    [Fact]
    public void AnchorThatIsNoAuthority_IssuesNothing()
    {
        using var anchor = TestAuthority.CreateRoot("Not CA", request => request.Replace(new X509BasicConstraintsExtension(false, false, 0, true)));
        using var leaf = anchor.Issue();

        SearchCase.For(leaf, anchor).Run().Search.Rejection.Reason.Should().Be(RejectionReason.NotAuthority);
    }

    [Fact]
    public void IntermediateBelowAPathLengthOfZero_IsPathTooLong()
    {
        using var upper = _root.CreateIntermediate("Upper", request => request.Replace(new X509BasicConstraintsExtension(true, true, 0, true)));
        using var lower = upper.CreateIntermediate("Lower");

        Reject(lower).Rule.Should().Be("RFC 5280 §6.1.4(l), (m)");
    }

    [Fact]
    public void LeafBelowAPathLengthOfZero_IsNoIntermediate()
    {
        using var intermediate = _root.CreateIntermediate("Upper", request => request.Replace(new X509BasicConstraintsExtension(true, true, 0, true)));
        using var leaf = intermediate.Issue();

        SearchCase.For(leaf, _root).Run().Path.Should().NotBeNull();
    }

    [Fact]
    public void PathLengthOfTheAnchor_Counts()
    {
        using var anchor = TestAuthority.CreateRoot("Short", request => request.Replace(new X509BasicConstraintsExtension(true, true, 0, true)));
        using var intermediate = anchor.CreateIntermediate();
        using var leaf = intermediate.Issue();

        SearchCase.For(leaf, anchor).Run().Search.Rejection.Reason.Should().Be(RejectionReason.PathTooLong);
    }

    [Fact]
    public void SelfIssuedRolloverCertificate_IsNotCounted()
    {
        using var old = _root.CreateIntermediate("Rollover", request => request.Replace(new X509BasicConstraintsExtension(true, true, 0, true)));
        using var renewed = old.CreateIntermediate("Rollover", request =>
            request.Replace(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(old.Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false)));
        using var leaf = renewed.Issue();

        var (path, search) = (SearchCase.For(leaf, _root) with { Untrusted = [old.Certificate, renewed.Certificate] }).Run();

        path.Should().NotBeNull(search.Rejection.ToString());
        path!.Certificates.Should().HaveCount(4);
    }

    [Fact]
    public void LeafThatIssuesALeaf_IsRefused()
    {
        using var leaf = _root.Issue(new IssueOptions { Subject = "CN=greedy" });
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=victim", key, HashAlgorithmName.SHA256);
        using var forged = request.Create(
            leaf.Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa((ECDsa)leaf.Key), DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddHours(1), [1, 2, 3]);

        var (path, search) = new SearchCase { Leaf = forged, Untrusted = [leaf.Certificate], Anchors = [_root.Certificate] }.Run();

        path.Should().BeNull();
        search.Rejection.Reason.Should().Be(RejectionReason.NotAuthority);
        search.Rejection.Certificate.Should().Be("CN=greedy");
    }

    public void Dispose() => _root.Dispose();

    private PeerRejection Reject(TestAuthority issuer)
    {
        using var leaf = issuer.Issue();
        var (path, search) = SearchCase.For(leaf, _root).Run();
        path.Should().BeNull();
        search.Rejection.Rule.Should().NotBe("X509Chain", "our own rules must have refused it");
        return search.Rejection;
    }
}
