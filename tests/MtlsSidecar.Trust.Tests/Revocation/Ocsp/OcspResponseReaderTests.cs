using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Fuzzing;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation.Ocsp;

namespace MtlsSidecar.Trust.Tests.Revocation.Ocsp;

public sealed class OcspResponseReaderTests : OcspHouse
{
    [Theory]
    [InlineData(1, "MalformedRequest")]
    [InlineData(2, "InternalError")]
    [InlineData(3, "TryLater")]
    [InlineData(5, "SigRequired")]
    [InlineData(6, "Unauthorized")]
    [InlineData(4, "unknown response status")]
    public void AnswerWithoutAResponse_IsRefusedByItsName(byte status, string words)
        => Refusal((Saying(Good) with { Status = status }).Sign(Issuer)).Should().Contain(words);

    [Fact]
    public void OtherResponseType_IsRefused() => Refusal((Saying(Good) with { Type = "1.2.3.4" }).Sign(Issuer)).Should().Contain("not the basic one");

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "version")]
    public void Version_IsOneEvenIfItIsWritten(int version, string? words)
    {
        var response = (Saying(Good) with { Version = version }).Sign(Issuer);
        if (words is null)
        {
            OcspResponseReader.Read(response).Entries.Should().ContainSingle();
        }
        else
        {
            Refusal(response).Should().Contain(words);
        }
    }

    [Fact]
    public void DataAfterTheLastField_IsRefused()
    {
        Refusal((Saying(Good) with { Trailing = [1] }).Sign(Issuer)).Should().Contain("malformed");
        Refusal([.. Saying(Good).Sign(Issuer), 0]).Should().Contain("malformed");
    }

    [Fact]
    public void ExtensionThatOccursTwice_IsRefused()
        => Refusal((Saying(Good) with { Extensions = [TestOcspResponse.Nonce([1]), TestOcspResponse.Nonce([1])] }).Sign(Issuer)).Should().Contain("occurs twice");

    [Fact]
    public void TooManyExtensions_AreRefused()
    {
        var extensions = Enumerable.Range(1, 33).Select(number => new X509Extension($"1.2.3.{number}", [5, 0], critical: false)).ToList();

        OcspResponseReader.Read((Saying(Good) with { Extensions = extensions[..32] }).Sign(Issuer)).Entries.Should().ContainSingle();
        Refusal((Saying(Good) with { Extensions = extensions }).Sign(Issuer)).Should().Contain("more than 32");
        Refusal(Saying(Good with { Extensions = extensions }).Sign(Issuer)).Should().Contain("more than 32");
    }

    [Fact]
    public void TooManyEntriesOrCertificates_AreRefused()
    {
        Refusal(Saying([.. Enumerable.Repeat(Good, 65)]).Sign(Issuer)).Should().Contain("more than 64");
        Refusal((Saying(Good) with { Certificates = [.. Enumerable.Repeat(Leaf.Certificate, 9)] }).Sign(Issuer)).Should().Contain("more than 8");
    }

    [Fact]
    public void SignatureThatIsNotWholeOctets_IsRefused()
        => Refusal((Saying(Good) with { UnusedSignatureBits = 1 }).Sign(Issuer)).Should().Contain("not whole octets");

    [Fact]
    public void LongFieldsOfACertId_AreRefused()
    {
        var (most, tooMuch) = (Enumerable.Repeat((byte)1, 64).ToArray(), Enumerable.Repeat((byte)1, 65).ToArray());

        OcspResponseReader.Read(Saying(Good with { NameHash = most, KeyHash = most, SerialNumber = most }).Sign(Issuer)).Entries.Should().ContainSingle();

        TestOcspEntry[] entries = [Good with { NameHash = tooMuch }, Good with { KeyHash = tooMuch }, Good with { SerialNumber = tooMuch }];
        entries.Should().AllSatisfy(entry => Refusal(Saying(entry).Sign(Issuer)).Should().Contain("longer than 64"));
    }

    [Fact]
    public void LongResponse_IsRefusedUnread() => Refusal(new byte[OcspResponseReader.MaxLength + 1]).Should().Contain("larger than");

    [Theory]
    [InlineData(20261122)]
    public void DamagedResponse_IsReadOrRefused(int seed)
    {
        byte[][] originals =
        [
            Saying(Good).Sign(Issuer),
            (Saying(Revoked with { Reason = 1, HashAlgorithm = TestOcspEntry.Sha256 }, Good) with { ByKey = true, Extensions = [TestOcspResponse.Nonce([1, 2, 3])] }).Sign(Responder),
        ];
        var question = Crl.CrlQuestions.About(Leaf.Certificate, Issuer);
        var statuses = 0;
        for (var input = 0; input < Mutation.Inputs; input++)
        {
            var response = Mutation.Apply(originals[input % originals.Length], seed + input);
            try
            {
                OcspCheck.Judge(response, question, new OcspOptions(), nonce: null);
                statuses++;
            }
            catch (OcspException)
            {
                // The one documented refusal.
            }
        }

        // The signature covers all that is said; only certificates beside it and unsigned wrapping may be damaged unnoticed.
        statuses.Should().BeLessThan(Mutation.Inputs / 10);
    }

    private static string Refusal(byte[] response) => FluentActions.Invoking(() => OcspResponseReader.Read(response)).Should().Throw<OcspException>().Which.Message;
}
