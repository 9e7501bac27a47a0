using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Signatures;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Paths;

/// <summary>Ed25519, whose signatures on certificates only the platform's chain engine can verify.</summary>
public sealed class Ed25519PathTests : IAsyncLifetime, IDisposable
{
    private readonly Ed25519Authority _pki = new();

    public async Task InitializeAsync()
    {
        await _pki.MakeRootAsync("Root");
        await _pki.MakeAuthorityAsync("Issuing", "Root");
        await _pki.MakeWorkloadAsync("Leaf", "Issuing", "spiffe://foo.test/a");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _pki.Dispose();

    [Fact]
    public void Path_HoldsAboveTheFloor()
        => Search("Leaf", ["Issuing"], "Root").Run().Path!.Certificates.Should().HaveCount(3);

    [Fact]
    public void PathToAnAnchorThatIsNotSelfSigned_Holds()
        => Search("Leaf", [], "Issuing").Run().Path!.Certificates.Should().HaveCount(2);

    [Fact]
    public async Task OtherKeyUnderIt_Holds()
    {
        await _pki.MakeWorkloadAsync("EcLeaf", "Issuing", "spiffe://foo.test/b", "EC");

        Search("EcLeaf", ["Issuing"], "Root").Run().Path.Should().NotBeNull();
    }

    [Theory]
    [InlineData("Root")]
    [InlineData("Issuing")]
    public async Task NamesakeOfTheIssuer_IsNotItsIssuer(string anchor)
    {
        await _pki.MakeRootAsync("Impostor", subject: "Issuing");
        await _pki.MakeWorkloadAsync("Forged", "Impostor", "spiffe://foo.test/a");

        var (path, search) = Search("Forged", ["Issuing"], anchor).Run();

        path.Should().BeNull();
        search.Rejection.Reason.Should().Be(RejectionReason.BadSignature);
        search.Rejection.Rule.Should().NotBe("X509Chain", "our own rules must have refused it");
    }

    [Fact]
    public void SignatureWithAnyBitTurned_DoesNotHold()
    {
        using var leaf = _pki.Certificate("Leaf");
        using var issuer = _pki.Certificate("Issuing");
        PlatformSignature.Holds(SearchCase.Parse(leaf), SearchCase.Parse(issuer)).Should().BeTrue();

        // The signature's 64 octets stand last.
        for (var position = leaf.RawData.Length - 64; position < leaf.RawData.Length; position += 7)
        {
            var damaged = leaf.RawData;
            damaged[position] ^= 0x10;
            ParsedCertificate.TryParse(damaged, out var parsed, out var error).Should().BeTrue(error);

            PlatformSignature.Holds(parsed!, SearchCase.Parse(issuer)).Should().BeFalse($"octet {position} is damaged");
        }
    }

    [Fact]
    public void SignatureWhoseCertificateBreaksOtherRulesAsWell_StillMustHold()
    {
        // Out of time, and the issuer's signature is on other bytes: the first must not hide the second.
        using var leaf = _pki.Certificate("Leaf");
        using var issuer = _pki.Certificate("Issuing");
        var damaged = leaf.RawData;
        var utc = damaged.AsSpan().IndexOf("\x17\x0d"u8);
        damaged[utc + 2] = (byte)'0';
        ParsedCertificate.TryParse(damaged, out var parsed, out var error).Should().BeTrue(error);

        PlatformSignature.Holds(parsed!, SearchCase.Parse(issuer)).Should().BeFalse();
    }

    [Fact]
    public void Check_CostsMoreOfTheBudgetThanOneByRsa()
    {
        using var leaf = _pki.Certificate("Leaf");
        SearchCase.Parse(leaf).Content.Key!.VerificationCost.Should().BeGreaterThan(1);
    }

    [Fact]
    public void Ed25519_HoldsForNothingButCertificates()
    {
        using var leaf = _pki.Certificate("Leaf");
        SignatureAlgorithm.TryRead(SearchCase.Parse(leaf).SignatureAlgorithm, out _).Should().BeFalse("CRLs, OCSP responses and requests can't be verified with it");
    }

    [Fact]
    public void ManyIssuersOfOneName_CostNoMoreThanTheBudget()
    {
        using var issuer = _pki.Certificate("Issuing");
        var crowd = new List<X509Certificate2>();
        for (var i = 0; i < 80; i++)
        {
            // The same name and another key: a bit of the key turned is a key as well.
            var twin = issuer.RawData;
            twin[twin.AsSpan().LastIndexOf(issuer.PublicKey.EncodedKeyValue.RawData) + 5 + (i / 8)] ^= (byte)(1 << (i % 8));
            crowd.Add(X509CertificateLoader.LoadCertificate(twin));
        }

        using var leaf = _pki.Certificate("Leaf");
        using var root = _pki.Certificate("Root");
        var (path, search) = new SearchCase { Leaf = leaf, Untrusted = crowd, Anchors = [root] }.Run();

        path.Should().BeNull();
        search.Rejection.Reason.Should().Be(RejectionReason.PathTooLong);
    }

    private SearchCase Search(string leaf, string[] untrusted, string anchor) => new()
    {
        Leaf = _pki.Certificate(leaf),
        Untrusted = [.. untrusted.Select(_pki.Certificate)],
        Anchors = [_pki.Certificate(anchor)],
    };
}
