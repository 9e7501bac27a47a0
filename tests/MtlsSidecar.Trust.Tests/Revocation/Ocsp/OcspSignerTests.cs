using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Revocation.Ocsp;

namespace MtlsSidecar.Trust.Tests.Revocation.Ocsp;

/// <summary>Who may sign: RFC 6960 §3.2, steps 2 to 4, and §4.2.2.2.</summary>
public sealed class OcspSignerTests : OcspHouse
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Issuer_MaySign(bool byKey) => Judge((Saying(Good) with { ByKey = byKey }).Sign(Issuer)).Status.Should().Be(RevocationStatus.Good);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void DelegatedResponder_MaySign(bool byKey) => Judge((Saying(Good) with { ByKey = byKey }).Sign(Responder)).Status.Should().Be(RevocationStatus.Good);

    [Fact]
    public void WrongSignature_IsRefused()
    {
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ShouldBeRefused(Saying(Good).Sign(Issuer.Certificate, stranger), "nobody known and entitled");
    }

    [Fact]
    public void WrongSignatureOfADelegatedResponder_IsRefused()
    {
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ShouldBeRefused((Saying(Good) with { Certificates = [Responder.Certificate] }).Sign(Responder.Certificate, stranger), "didn't sign");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AnotherResponderIdThanTheSigners_IsRefused(bool byKey)
        => ShouldBeRefused((Saying(Good) with { ByKey = byKey, Responder = Root.Certificate }).Sign(Issuer), "nobody known and entitled");

    [Fact]
    public void DelegatedResponderWhoseCertificateIsMissing_IsRefused()
        => ShouldBeRefused((Saying(Good) with { Certificates = [Leaf.Certificate] }).Sign(Responder), "nobody known and entitled");

    [Fact]
    public void RootAboveTheIssuer_MayNotSign()
        => ShouldBeRefused(Saying(Good).Sign(Root), "nobody known and entitled");

    [Fact]
    public void WorkloadOfTheSameIssuer_MayNotSign()
        => ShouldBeRefused(Saying(Good).Sign(Own(Issuer.Issue(new IssueOptions { Subject = "CN=other" }))), "doesn't delegate");

    [Theory]
    [InlineData("2.5.29.37.0")]
    [InlineData(null)]
    public void AnyOrNoExtendedKeyUsage_IsNoDelegation(string? usage)
        => ShouldBeRefused(Saying(Good).Sign(ResponderWith(options => options with { Usages = usage is null ? [] : [usage] })), "doesn't delegate");

    [Fact]
    public void ResponderOfAnotherIssuer_IsRefused()
    {
        var sibling = Own(Root.CreateIntermediate("Sibling"));
        ShouldBeRefused(Saying(Good).Sign(Own(sibling.Issue(TestOcspResponse.ResponderOptions()))), "not by the issuer");
    }

    [Fact]
    public void ResponderOfAnImpostorWithTheIssuersName_IsRefused()
    {
        using var impostor = TestAuthority.CreateRoot("Test Intermediate");
        ShouldBeRefused(Saying(Good).Sign(Own(impostor.Issue(TestOcspResponse.ResponderOptions()))), "not by the issuer");
    }

    [Fact]
    public void ResponderBelowAResponder_IsRefused()
    {
        var delegated = Own(Issuer.CreateIntermediate("Delegate", request => request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid(TestOcspResponse.OcspSigning)], false))));
        var below = Own(delegated.Issue(TestOcspResponse.ResponderOptions()));
        ShouldBeRefused((Saying(Good) with { Certificates = [below.Certificate, delegated.Certificate] }).Sign(below), "not by the issuer");
    }

    [Fact]
    public void ExpiredResponder_IsRefused()
        => ShouldBeRefused(Saying(Good).Sign(ResponderWith(options => options with { NotBefore = Now.AddDays(-2), NotAfter = Now.AddDays(-1) })), "doesn't hold");

    [Fact]
    public void ResponderNotYetValid_IsRefused()
        => ShouldBeRefused(Saying(Good).Sign(ResponderWith(options => options with { NotBefore = Now.AddHours(1), NotAfter = Now.AddDays(1) })), "doesn't hold");

    [Fact]
    public void ResponderWithAnUnknownCriticalExtension_IsRefused()
        => ShouldBeRefused(Saying(Good).Sign(ResponderWith(options => options with { Configure = request => request.Add("1.2.3.4", critical: true, writer => writer.WriteNull()) })), "doesn't hold");

    [Fact]
    public void ResponderOutsideTheIssuersNameConstraints_IsRefused()
    {
        var constrained = Own(Root.CreateIntermediate("Constrained", request => request.AddNameConstraints(
            [writer => writer.WriteCharacterString(System.Formats.Asn1.UniversalTagNumber.IA5String, "inside.test", new(System.Formats.Asn1.TagClass.ContextSpecific, 2))], [])));
        var leaf = Own(constrained.Issue(new IssueOptions { DnsNames = ["a.inside.test"] }));
        var responder = Own(constrained.Issue(TestOcspResponse.ResponderOptions() with { DnsNames = ["outside.test"] }));
        var response = Saying(new TestOcspEntry(leaf.Certificate, constrained.Certificate)).Sign(responder);

        var answer = new OcspResponseSource(response, new OcspOptions()).Check(Crl.CrlQuestions.About(leaf.Certificate, constrained));

        (answer.Status, answer.Detail.Contains("doesn't hold", StringComparison.Ordinal)).Should().Be((RevocationStatus.Unknown, true));
    }

    [Fact]
    public void ResponderWhoseKeyUsageForbidsSignatures_IsRefused()
        => ShouldBeRefused(
            Saying(Good).Sign(ResponderWith(options => options with { Configure = request => request.Replace(new X509KeyUsageExtension(X509KeyUsageFlags.KeyAgreement, true)) })),
            "doesn't allow signatures");

    [Fact]
    public void HolderOfTheKeyInQuestion_MayNotSign()
        => ShouldBeRefused(Saying(Good).Sign(ResponderWith(options => options with { Key = ECDsa.Create(((ECDsa)Leaf.Key).ExportParameters(true)) })), "holds the key");

    [Fact]
    public void Sha1Signature_IsBelowTheFloor()
    {
        var response = (Saying(Good) with { Hash = HashAlgorithmName.SHA1 }).Sign(Issuer);
        ShouldBeRefused(response, "nobody known and entitled");
        Judge(response, new OcspOptions { AlgorithmFloor = false }).Status.Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public void Sha1ResponderCertificate_IsBelowTheFloor()
    {
        var response = Saying(Good).Sign(ResponderWith(options => options with { SignatureHash = HashAlgorithmName.SHA1 }));
        ShouldBeRefused(response, "doesn't hold");
        Judge(response, new OcspOptions { AlgorithmFloor = false }).Status.Should().Be(RevocationStatus.Good);
    }

    [Theory]
    [InlineData(false, RevocationStatus.Unknown)]
    [InlineData(true, RevocationStatus.Good)]
    public void RevokedResponder_IsRefusedUnlessItNeedsNoCheck(bool noCheck, RevocationStatus status)
    {
        var responder = Own(Issuer.Issue(TestOcspResponse.ResponderOptions(noCheck)));
        using var crls = new CrlStore(new CrlOptions(), TimeProvider.System);
        crls.Load("crl", Issuer.CreateCrl([responder.Certificate])).Should().BeNull();
        var options = new OcspOptions { IsRevokedResponder = question => crls.Check(question).Status == RevocationStatus.Revoked };

        Judge(Saying(Good).Sign(responder), options).Status.Should().Be(status);
    }

    [Fact]
    public void ResponderWhoseOwnStatusNobodyKnows_IsAccepted()
    {
        using var crls = new CrlStore(new CrlOptions(), TimeProvider.System);
        var options = new OcspOptions { IsRevokedResponder = question => crls.Check(question).Status == RevocationStatus.Revoked };

        Judge(Saying(Good).Sign(Own(Issuer.Issue(TestOcspResponse.ResponderOptions(noCheck: false)))), options).Status.Should().Be(RevocationStatus.Good);
    }

    private TestCertificate ResponderWith(Func<IssueOptions, IssueOptions> change) => Own(Issuer.Issue(change(TestOcspResponse.ResponderOptions())));
}
