using System.Formats.Asn1;
using System.Text;
using MtlsSidecar.TestKit.Fuzzing;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Sources.Est;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Sources.Est;

public sealed class CertsOnlyMessageTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly TestCertificate _leaf;

    public CertsOnlyMessageTests() => _leaf = _root.Issue();

    [Fact]
    public void Certificates_AreRead()
        => Read(ScriptedEstServer.Encode([_leaf.Certificate, _root.Certificate]))!.Select(certificate => certificate.SubjectText)
            .Should().BeEquivalentTo(_leaf.Certificate.Subject, _root.Certificate.Subject);

    [Fact]
    public void WhiteSpaceAnywhere_IsFine()
    {
        var text = Encoding.ASCII.GetString(ScriptedEstServer.Encode([_leaf.Certificate])).Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal);

        Read(Encoding.ASCII.GetBytes(" " + string.Join("\n\t", text.Chunk(7).Select(part => new string(part))) + "\r\n")).Should().ContainSingle();
    }

    [Fact]
    public void NoCertificates_IsAnEmptyMessage() => Read(ScriptedEstServer.Encode([])).Should().BeEmpty();

    [Theory]
    [InlineData("")]
    [InlineData("%%%")]
    [InlineData("MAA=")]
    [InlineData("gibberish")]
    public void AnythingElse_IsNoMessage(string text) => Read(Encoding.ASCII.GetBytes(text)).Should().BeNull();

    [Fact]
    public void OtherContentType_IsNoMessage() => Read(Message("1.2.840.113549.1.7.1", [_leaf.Certificate.RawData])).Should().BeNull();

    [Fact]
    public void CertificateThatIsNone_SpoilsTheMessage() => Read(Message("1.2.840.113549.1.7.2", [_leaf.Certificate.RawData, [0x30, 0x00]])).Should().BeNull();

    [Fact]
    public void MoreCertificatesThanAnyChainHas_AreNotRead()
    {
        Read(Message("1.2.840.113549.1.7.2", Enumerable.Repeat(_leaf.Certificate.RawData, PresentedChain.MaxCertificates))).Should().HaveCount(PresentedChain.MaxCertificates);
        Read(Message("1.2.840.113549.1.7.2", Enumerable.Repeat(_leaf.Certificate.RawData, PresentedChain.MaxCertificates + 1))).Should().BeNull();
    }

    [Fact]
    public void DamagedMessage_IsReadOrRefusedAndNeverThrows()
    {
        var original = Convert.FromBase64String(Encoding.ASCII.GetString(ScriptedEstServer.Encode([_leaf.Certificate, _root.Certificate])));

        for (var input = 0; input < Mutation.Inputs; input++)
        {
            Read(Encoding.ASCII.GetBytes(Convert.ToBase64String(Mutation.Apply(original, input))));
        }
    }

    public void Dispose()
    {
        _root.Dispose();
        _leaf.Dispose();
    }

    private static IReadOnlyList<ParsedCertificate>? Read(byte[] text) => CertsOnlyMessage.TryRead(text);

    private static byte[] Message(string contentType, IEnumerable<byte[]> certificates)
    {
        var explicit0 = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(contentType);
            using (writer.PushSequence(explicit0))
            using (writer.PushSequence())
            {
                writer.WriteInteger(1);
                writer.PushSetOf().Dispose();
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("1.2.840.113549.1.7.1");
                }

                using (writer.PushSequence(explicit0))
                {
                    foreach (var certificate in certificates)
                    {
                        writer.WriteEncodedValue(certificate);
                    }
                }

                writer.PushSetOf().Dispose();
            }
        }

        return Encoding.ASCII.GetBytes(Convert.ToBase64String(writer.Encode()));
    }
}
