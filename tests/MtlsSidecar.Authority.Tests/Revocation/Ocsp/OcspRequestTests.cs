using System.Formats.Asn1;
using MtlsSidecar.Authority.Revocation.Ocsp;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Authority.Tests.Revocation.Ocsp;

public sealed class OcspRequestTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private byte[] _request = [];

    public async Task InitializeAsync()
    {
        using var root = TestAuthority.CreateRoot();
        using var leaf = root.Issue();
        _directory.Write("root.pem", root.Certificate.ExportCertificatePem());
        _directory.Write("leaf.pem", leaf.CertificatePem);
        _request = await CreateAsync("-cert", _directory["leaf.pem"]);
    }

    public Task DisposeAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public void RequestByOpenSsl_WithNonce_IsRead() => OcspRequest.TryRead(_request, out _).Should().BeTrue();

    [Fact]
    public async Task RequestAboutTwoCertificates_IsRefused()
        => OcspRequest.TryRead(await CreateAsync("-serial", "1", "-serial", "2"), out _).Should().BeFalse();

    [Fact]
    public void EveryTruncation_IsRefused()
    {
        for (var length = 0; length < _request.Length; length++)
        {
            OcspRequest.TryRead(_request.AsMemory(0, length), out _).Should().BeFalse();
        }

        byte[] longer = [.. _request, 0];
        OcspRequest.TryRead(longer, out _).Should().BeFalse();
    }

    [Fact]
    public void ChangedOctets_NeverThrow()
    {
        for (var i = 0; i < _request.Length; i++)
        {
            for (var mask = 1; mask < 256; mask++)
            {
                var changed = _request.ToArray();
                changed[i] ^= (byte)mask;
                FluentActions.Invoking(() => OcspRequest.TryRead(changed, out _)).Should().NotThrow();
            }
        }
    }

    [Fact]
    public void OversizedRequest_IsRefusedUnread()
    {
        OcspRequest.TryRead(WithSignature(OcspRequest.MaxLength / 2), out _).Should().BeTrue("nothing else may be wrong with it");

        OcspRequest.TryRead(WithSignature(OcspRequest.MaxLength), out _).Should().BeFalse();
    }

    /// <summary>The same request with a signature of any length, which is passed over.</summary>
    private byte[] WithSignature(int length)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        var request = new AsnReader(_request, AsnEncodingRules.DER).ReadSequence().ReadEncodedValue();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(request.Span);
            using (writer.PushSequence(tag))
            {
                writer.WriteOctetString(new byte[length]);
            }
        }

        return writer.Encode();
    }

    private async Task<byte[]> CreateAsync(params string[] about)
    {
        var result = await OpenSsl.RunAsync(["ocsp", "-issuer", _directory["root.pem"], .. about, "-reqout", _directory["request"]]);
        result.ExitCode.Should().Be(0, result.ToString());
        return await File.ReadAllBytesAsync(_directory["request"]);
    }
}
