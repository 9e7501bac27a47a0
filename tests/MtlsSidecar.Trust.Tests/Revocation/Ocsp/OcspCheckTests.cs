using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Ocsp;
using MtlsSidecar.Trust.Tests.Revocation.Crl;

namespace MtlsSidecar.Trust.Tests.Revocation.Ocsp;

/// <summary>What a response says and when it counts: RFC 6960 §3.2, steps 1, 5 and 6.</summary>
public sealed class OcspCheckTests : OcspHouse
{
    [Theory]
    [InlineData(TestOcspStatus.Good, RevocationStatus.Good)]
    [InlineData(TestOcspStatus.Revoked, RevocationStatus.Revoked)]
    [InlineData(TestOcspStatus.Unknown, RevocationStatus.Unknown)]
    public void Status_IsTakenAsSaid(TestOcspStatus said, RevocationStatus status)
        => Judge(Saying(Good with { Status = said }).Sign(Issuer)).Status.Should().Be(status);

    [Theory]
    [InlineData(TestOcspEntry.Sha1)]
    [InlineData(TestOcspEntry.Sha256)]
    [InlineData(TestOcspEntry.Sha384)]
    [InlineData(TestOcspEntry.Sha512)]
    public void CertificateNamedByAnyKnownHash_IsFound(string algorithm)
        => Judge(Saying(Good with { HashAlgorithm = algorithm }).Sign(Issuer)).Status.Should().Be(RevocationStatus.Good);

    [Fact]
    public void CertificateNamedByAnUnknownHash_IsNotFound()
        => ShouldBeRefused(Saying(Good with { HashAlgorithm = "2.16.840.1.101.3.4.2.4" }).Sign(Issuer), "other certificates");

    [Fact]
    public void OtherSerialNumber_IsNoAnswer()
    {
        var other = Own(Issuer.Issue());
        ShouldBeRefused(Saying(Good with { Certificate = other.Certificate }).Sign(Issuer), "other certificates");
    }

    [Fact]
    public void SameSerialNumberUnderAnotherIssuersKey_IsNoAnswer()
    {
        var namesake = Own(TestAuthority.CreateRoot("Test Intermediate"));
        ShouldBeRefused(Saying(Good with { Issuer = namesake.Certificate }).Sign(Issuer), "other certificates");
    }

    [Fact]
    public void SameSerialNumberUnderAnotherIssuersName_IsNoAnswer()
    {
        var number = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian([0, 0, 0, 0, 0, 0, .. Leaf.Certificate.SerialNumberBytes.Span[^2..]]);
        var stranger = Own(Root.Issue(new IssueOptions { SerialNumber = number }));
        stranger.Certificate.SerialNumber.Should().Be(Leaf.Certificate.SerialNumber);
        ShouldBeRefused(Saying(Good with { Certificate = stranger.Certificate }).Sign(Issuer), "other certificates");
    }

    [Fact]
    public void EntryAmongOthers_IsFound()
    {
        var other = Own(Issuer.Issue());
        Judge(Saying(Good with { Certificate = other.Certificate }, Revoked).Sign(Issuer)).Status.Should().Be(RevocationStatus.Revoked);
    }

    [Theory]
    [InlineData(TestOcspStatus.Good, TestOcspStatus.Revoked, RevocationStatus.Revoked)]
    [InlineData(TestOcspStatus.Revoked, TestOcspStatus.Good, RevocationStatus.Revoked)]
    [InlineData(TestOcspStatus.Good, TestOcspStatus.Unknown, RevocationStatus.Unknown)]
    [InlineData(TestOcspStatus.Unknown, TestOcspStatus.Revoked, RevocationStatus.Revoked)]
    public void Contradiction_CountsAgainstTheCertificate(TestOcspStatus first, TestOcspStatus second, RevocationStatus status)
        => Judge(Saying(Good with { Status = first }, Good with { Status = second }).Sign(Issuer)).Status.Should().Be(status);

    [Theory]
    [InlineData("1.3.6.1.4.1.11129.2.4.5", true)]
    [InlineData("1.3.6.1.4.1.11129.2.4.6", false)]
    public void CriticalExtensionOfAnEntry_MustBeKnown(string oid, bool isKnown)
    {
        var answer = Saying(Good with { Extensions = [new X509Extension(oid, [0x04, 0x00], critical: true)] }).Sign(Issuer);

        if (isKnown)
        {
            Judge(answer).Status.Should().Be(RevocationStatus.Good);
        }
        else
        {
            ShouldBeRefused(answer, oid);
        }
    }

    [Fact]
    public void ProofsOfLogging_BelongToEntriesOnly()
        => ShouldBeRefused((Saying(Good) with { Extensions = [new X509Extension("1.3.6.1.4.1.11129.2.4.5", [0x04, 0x00], critical: true)] }).Sign(Issuer), "critical");

    [Fact]
    public void NoEntry_IsNoAnswer() => ShouldBeRefused(Saying().Sign(Issuer), "other certificates");

    [Fact]
    public void FutureThisUpdate_IsRefused() => ShouldBeRefused(Saying(Good with { ThisUpdate = Now.AddMinutes(2) }).Sign(Issuer), "from the future");

    [Fact]
    public void ResponderWithAClockSlightlyAhead_IsAccepted()
        => Judge(Saying(Good with { ThisUpdate = Now.AddSeconds(40) }).Sign(Issuer)).Status.Should().Be(RevocationStatus.Good);

    [Fact]
    public void PassedNextUpdate_IsRefused() => ShouldBeRefused(Saying(Good with { NextUpdate = Now.AddSeconds(-2) }).Sign(Issuer), "stale");

    [Fact]
    public void StaleGoodBesideACurrentRevoked_DoesNotCount()
        => Judge(Saying(Good with { NextUpdate = Now.AddSeconds(-2) }, Revoked).Sign(Issuer)).Status.Should().Be(RevocationStatus.Revoked);

    [Fact]
    public void NextUpdateBeforeThisUpdate_IsRefused()
        => ShouldBeRefused(Saying(Good with { ThisUpdate = Now.AddHours(1), NextUpdate = Now }).Sign(Issuer), "before thisUpdate");

    [Theory]
    [InlineData(59, RevocationStatus.Good)]
    [InlineData(61, RevocationStatus.Unknown)]
    public void ResponseWithoutNextUpdate_CountsForAnHour(int minutes, RevocationStatus status)
        => Judge(Saying(Good with { ThisUpdate = Now.AddMinutes(-minutes), NextUpdate = null }).Sign(Issuer)).Status.Should().Be(status);

    [Fact]
    public void Answer_EndsWithNextUpdate()
    {
        var entry = Good;
        Judge(Saying(entry).Sign(Issuer)).ValidUntil.Should().BeCloseTo(entry.NextUpdate!.Value, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void AnswerOfADelegatedResponder_EndsWithItsCertificate()
    {
        var shortLived = Own(Issuer.Issue(TestOcspResponse.ResponderOptions() with { Lifetime = TimeSpan.FromHours(2) }));
        Judge(Saying(Good).Sign(shortLived)).ValidUntil.Should().BeCloseTo(Now.AddHours(2), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void RefusalForARevocation_QuotesTheRfcOfOcsp()
    {
        var answer = Judge(Saying(Revoked with { Reason = 1 }).Sign(Issuer));
        (answer.Rule, answer.Detail).Should().Be(("RFC 6960 §3.2", answer.Detail));
        answer.Detail.Should().Contain("KeyCompromise");
    }

    [Fact]
    public void RevocationForAReasonNobodyKnows_IsARevocation()
        => Judge(Saying(Revoked with { Reason = 77 }).Sign(Issuer)).Status.Should().Be(RevocationStatus.Revoked);

    [Theory]
    [InlineData(true, "unknown critical extension")]
    [InlineData(false, null)]
    public void UnknownExtensionOfTheResponse_IsRefusedWhenCritical(bool critical, string? words)
        => ShouldBe(words, (Saying(Good) with { Extensions = [new X509Extension("1.2.3.4", [5, 0], critical)] }).Sign(Issuer));

    [Theory]
    [InlineData(true, "unknown critical extension")]
    [InlineData(false, null)]
    public void UnknownExtensionOfAnEntry_IsRefusedWhenCritical(bool critical, string? words)
        => ShouldBe(words, Saying(Good with { Extensions = [new X509Extension("1.2.3.4", [5, 0], critical)] }).Sign(Issuer));

    [Fact]
    public void OtherNonceThanSent_IsRefused()
    {
        var response = (Saying(Good) with { Extensions = [TestOcspResponse.Nonce([1, 2, 3, 4])] }).Sign(Issuer);
        var question = CrlQuestions.About(Leaf.Certificate, Issuer);

        OcspCheck.Judge(response, question, new OcspOptions(), new byte[] { 1, 2, 3, 4 }).Status.Should().Be(RevocationStatus.Good);
        OcspCheck.Judge(response, question, new OcspOptions(), nonce: null).Status.Should().Be(RevocationStatus.Good);
        FluentActions.Invoking(() => OcspCheck.Judge(response, question, new OcspOptions(), new byte[] { 1, 2, 3, 5 })).Should().Throw<OcspException>();
        FluentActions.Invoking(() => OcspCheck.Judge(Saying(Good).Sign(Issuer), question, new OcspOptions(), new byte[] { 1, 2, 3, 4 })).Should().Throw<OcspException>();
    }

    private void ShouldBe(string? words, byte[] response)
    {
        if (words is null)
        {
            Judge(response).Status.Should().Be(RevocationStatus.Good);
        }
        else
        {
            ShouldBeRefused(response, words);
        }
    }
}
