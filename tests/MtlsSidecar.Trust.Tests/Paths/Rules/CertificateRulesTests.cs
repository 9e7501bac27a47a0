using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Paths.Rules;

/// <summary>One forged leaf per rule.</summary>
public sealed class CertificateRulesTests : IDisposable
{
    private const string PrivateExtension = "1.3.6.1.4.1.99999.1";
    private readonly TestAuthority _root = TestAuthority.CreateRoot();

    [Fact]
    public void NotYetValidLeaf_IsRefused()
        => Reject(new IssueOptions { NotBefore = DateTimeOffset.UtcNow.AddHours(1) }).Reason.Should().Be(RejectionReason.NotYetValid);

    [Fact]
    public void ExpiredLeaf_IsRefused()
        => Reject(new IssueOptions { NotBefore = DateTimeOffset.UtcNow.AddHours(-2), NotAfter = DateTimeOffset.UtcNow.AddHours(-1) }).Rule.Should().Be("RFC 5280 §6.1.3(a)(2)");

    [Fact]
    public void LastSecondOfTheValidityPeriod_StillCounts()
    {
        using var leaf = _root.Issue();
        var notAfter = new DateTimeOffset(leaf.Certificate.NotAfter);
        var search = SearchCase.For(leaf, _root);

        (search with { At = notAfter.AddMilliseconds(900) }).Run().Path.Should().NotBeNull();
        (search with { At = notAfter.AddSeconds(1) }).Run().Path.Should().BeNull();
    }

    [Fact]
    public void UnknownCriticalExtension_IsRefused()
        => Reject(Forge(request => request.Add(PrivateExtension, critical: true, writer => writer.WriteNull())))
            .Reason.Should().Be(RejectionReason.UnknownCriticalExtension);

    [Fact]
    public void UnknownExtensionThatIsNotCritical_IsIgnored()
        => Accept(Forge(request => request.Add(PrivateExtension, critical: false, writer => writer.WriteNull())));

    [Fact]
    public void CriticalKeyIdentifier_IsRefused()
        => Reject(Forge(request => request.Replace(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: true))))
            .Reason.Should().Be(RejectionReason.UnknownCriticalExtension);

    [Fact]
    public void UnknownPolicyQualifierInACriticalExtension_IsRefused()
    {
        Reject(Forge(request => AddQualifiedPolicy(request, critical: true))).Rule.Should().Be("RFC 5280 §4.2.1.4");
        Accept(Forge(request => AddQualifiedPolicy(request, critical: false)));
    }

    [Fact]
    public void NameConstraintsInALeaf_AreRefused()
        => Reject(Forge(request => request.AddNameConstraints([ForgedName.Dns("foo.test")], []))).Reason.Should().Be(RejectionReason.NameConstraint);

    [Fact]
    public void KeyThatMaySignCertificatesWithoutBeingAnAuthoritys_IsRefused()
        => Reject(Forge(request => request.Replace(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign, true))))
            .Rule.Should().Be("RFC 5280 §4.2.1.9");

    [Fact]
    public void PathLengthWithoutBeingAnAuthoritys_IsRefusedByEitherProfile()
    {
        var leaf = Forge(request => request.Replace(new X509Extension("2.5.29.19", Convert.FromHexString("3003020100"), critical: true)));

        Reject(leaf).Detail.Should().Contain("path length");
        Reject(leaf, PathOptions.Rfc5280).Rule.Should().Be("RFC 5280 §4.2.1.9");
    }

    [Fact]
    public void AuthorityWhoseKeyMayNotSignCertificates_IsNoLeafEither()
    {
        Reject(ForgeAuthority(X509KeyUsageFlags.DigitalSignature), PathOptions.Rfc5280).Detail.Should().Contain("key usage doesn't allow to sign certificates");
        Accept(ForgeAuthority(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign), PathOptions.Rfc5280);
    }

    [Fact]
    public void RsaKeyThatAnybodyCanFactor_IsRefusedWhateverTheFloor()
    {
        using var key = RSA.Create(512);

        var rejection = Reject(new IssueOptions { Key = key }, PathOptions.Rfc5280);

        rejection.Reason.Should().Be(RejectionReason.WeakAlgorithm);
        rejection.Detail.Should().Contain("512");
    }

    [Fact]
    public void RsaKeyBelowTheFloorOnly_IsAcceptedWithoutIt()
    {
        using var key = RSA.Create(1024);

        Accept(new IssueOptions { Key = key }, PathOptions.Rfc5280);
    }

    [Fact]
    public void CurveGivenByItsNumbers_IsRefusedWhateverTheFloor()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName("CN=workload"), ExplicitKey(key.ExportExplicitParameters(includePrivateParameters: false)), HashAlgorithmName.SHA256);
        using var leaf = _root.Sign(request, new IssueOptions());

        var (path, search) = new SearchCase { Leaf = leaf, Anchors = [_root.Certificate], Options = PathOptions.Rfc5280 }.Run();

        path.Should().BeNull();
        search.Rejection.Reason.Should().Be(RejectionReason.WeakAlgorithm);
        search.Rejection.Detail.Should().Contain("not given by its name");
    }

    [Fact]
    public void CriticalIssuerAlternativeName_IsRefusedByOurOwnRule()
        => Reject(Forge(request => request.Add("2.5.29.18", critical: true, writer =>
        {
            using (writer.PushSequence())
            {
                ForgedName.Dns("issuer.test")(writer);
            }
        }))).Reason.Should().Be(RejectionReason.UnknownCriticalExtension);

    [Fact]
    public void EmptySubjectWithoutCriticalNames_IsRefused()
    {
        Reject(new IssueOptions { Subject = "", DnsNames = ["a.test"] }).Rule.Should().Be("RFC 5280 §4.1.2.6");
        Accept(new IssueOptions { Subject = "", Configure = AddCriticalName });
    }

    [Theory]
    [InlineData("2.5.29.15", "03020006", "trailing zero bits of a key usage left standing")]
    [InlineData("2.5.29.17", "3000", "alternative names without a name")]
    [InlineData("2.5.29.19", "30060101FF020180", "a negative path length")]
    [InlineData("2.5.29.19", "30030101FF00", "octets after the end")]
    [InlineData("2.5.29.30", "3000", "name constraints that constrain nothing")]
    [InlineData("2.5.29.32", "3000", "no policy")]
    [InlineData("2.5.29.32", "30100606042A030405" + "0606042A030405", "a policy that is no sequence")]
    [InlineData("2.5.29.36", "3000", "policy constraints that demand nothing")]
    [InlineData("2.5.29.37", "3000", "no purpose")]
    [InlineData("2.5.29.54", "0201FF", "a negative number of certificates")]
    public void MalformedExtension_IsRefused(string oid, string value, string why)
        => Reject(Forge(request => request.Replace(new X509Extension(oid, Convert.FromHexString(value), critical: false))))
            .Reason.Should().Be(RejectionReason.Malformed, why);

    [Theory]
    [InlineData(CertificateUsage.Client, IssueOptions.ServerAuthentication)]
    [InlineData(CertificateUsage.Server, IssueOptions.ClientAuthentication)]
    public void ExtendedKeyUsageForAnotherRole_IsRefused(CertificateUsage usage, string purpose)
        => Reject(new IssueOptions { Usages = [purpose] }, PathOptions.Workload with { Usage = usage }).Reason.Should().Be(RejectionReason.WrongKeyUsage);

    [Theory]
    [InlineData("")]
    [InlineData("2.5.29.37.0")]
    [InlineData(IssueOptions.ClientAuthentication)]
    public void ExtendedKeyUsageAbsentAnyOrFitting_IsAccepted(string purpose)
        => Accept(new IssueOptions { Usages = purpose.Length == 0 ? [] : [purpose] }, PathOptions.Workload with { Usage = CertificateUsage.Client });

    [Fact]
    public void IntermediateLimitedToServers_IssuesNoClients()
    {
        using var servers = _root.CreateIntermediate("Servers", request =>
            request.Replace(new X509EnhancedKeyUsageExtension([new Oid(IssueOptions.ServerAuthentication)], critical: false)));
        using var leaf = servers.Issue();
        var search = SearchCase.For(leaf, _root);

        (search with { Options = PathOptions.Workload with { Usage = CertificateUsage.Server } }).Run().Path.Should().NotBeNull();
        var rejection = (search with { Options = PathOptions.Workload with { Usage = CertificateUsage.Client } }).Run().Search.Rejection;
        rejection.Reason.Should().Be(RejectionReason.WrongKeyUsage);
        rejection.Certificate.Should().Be("CN=Servers");
    }

    public void Dispose() => _root.Dispose();

    private static IssueOptions Forge(Action<CertificateRequest> configure) => new() { Configure = configure };

    private static IssueOptions ForgeAuthority(X509KeyUsageFlags usage) => Forge(request =>
    {
        request.Replace(new X509BasicConstraintsExtension(true, false, 0, true));
        request.Replace(new X509KeyUsageExtension(usage, true));
    });

    /// <summary>A key with the numbers of its curve in the place of the name (RFC 3279 §2.3.5).</summary>
    private static PublicKey ExplicitKey(ECParameters key)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.10045.1.1");
                writer.WriteIntegerUnsigned(key.Curve.Prime);
            }

            using (writer.PushSequence())
            {
                writer.WriteOctetString(key.Curve.A);
                writer.WriteOctetString(key.Curve.B);
            }

            writer.WriteOctetString([4, .. key.Curve.G.X!, .. key.Curve.G.Y!]);
            writer.WriteIntegerUnsigned(key.Curve.Order);
        }

        var algorithm = new Oid("1.2.840.10045.2.1");
        return new PublicKey(algorithm, new AsnEncodedData(algorithm, writer.Encode()), new AsnEncodedData(algorithm, (byte[])[4, .. key.Q.X!, .. key.Q.Y!]));
    }

    private static void AddCriticalName(CertificateRequest request)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("a.test");
        request.Replace(names.Build(critical: true));
    }

    private static void AddQualifiedPolicy(CertificateRequest request, bool critical) => request.Add("2.5.29.32", critical, writer =>
    {
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.2.3.4");
            using (writer.PushSequence())
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.3.5");
                writer.WriteCharacterString(UniversalTagNumber.UTF8String, "who knows");
            }
        }
    });

    private PeerRejection Reject(IssueOptions issue, PathOptions? options = null)
    {
        using var leaf = _root.Issue(issue);
        var (path, search) = (SearchCase.For(leaf, _root) with { Options = options ?? PathOptions.Workload }).Run();
        path.Should().BeNull();
        search.Rejection.Rule.Should().NotBe("X509Chain", "our own rules must have refused it");
        return search.Rejection;
    }

    private void Accept(IssueOptions issue, PathOptions? options = null)
    {
        using var leaf = _root.Issue(issue);
        var (path, search) = (SearchCase.For(leaf, _root) with { Options = options ?? PathOptions.Workload }).Run();
        path.Should().NotBeNull(search.Rejection.Detail);
    }
}
