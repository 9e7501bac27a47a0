using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Tests.Revocation.Crl;

namespace MtlsSidecar.Trust.Tests.Revocation;

/// <summary>Which source has the last word, asked as the validator asks: one after the other until one knows.</summary>
public sealed class RevocationSourcesTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly TestCertificate _leaf;
    private readonly CrlStore _crls = new(new CrlOptions(), TimeProvider.System);

    public RevocationSourcesTests() => _leaf = _root.Issue();

    public static TheoryData<RevocationOrder, RevocationStatus, RevocationStatus, RevocationStatus> Combinations
    {
        get
        {
            var (good, revoked, unknown) = (RevocationStatus.Good, RevocationStatus.Revoked, RevocationStatus.Unknown);
            return new TheoryData<RevocationOrder, RevocationStatus, RevocationStatus, RevocationStatus>
            {
                // order, CRL, responder, what counts
                { RevocationOrder.OcspFirst, good, revoked, revoked },
                { RevocationOrder.OcspFirst, revoked, good, revoked },
                { RevocationOrder.OcspFirst, unknown, good, good },
                { RevocationOrder.OcspFirst, unknown, revoked, revoked },
                { RevocationOrder.OcspFirst, good, unknown, good },
                { RevocationOrder.OcspFirst, unknown, unknown, unknown },
                { RevocationOrder.CrlFirst, good, revoked, good },
                { RevocationOrder.CrlFirst, revoked, good, revoked },
                { RevocationOrder.CrlFirst, unknown, good, good },
                { RevocationOrder.CrlFirst, unknown, revoked, revoked },
                { RevocationOrder.CrlFirst, good, unknown, good },
                { RevocationOrder.CrlFirst, unknown, unknown, unknown },
            };
        }
    }

    public void Dispose()
    {
        _crls.Dispose();
        _leaf.Dispose();
        _root.Dispose();
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public async Task CrlAndResponder_CountInTheirOrder(RevocationOrder order, RevocationStatus crl, RevocationStatus responder, RevocationStatus expected)
    {
        Load(crl);
        var ocsp = new StubResponder(responder);

        (await AskAsync(RevocationSources.InOrder(order, _crls, crlFetcher: null, ocsp))).Should().Be(expected);
    }

    [Theory]
    [InlineData(RevocationOrder.OcspFirst, RevocationStatus.Revoked)]
    [InlineData(RevocationOrder.CrlFirst, RevocationStatus.Revoked)]
    [InlineData(RevocationOrder.CrlFirst, RevocationStatus.Good)]
    public async Task ResponderThatNeedNotBeAsked_IsNotAsked(RevocationOrder order, RevocationStatus crl)
    {
        Load(crl);
        var ocsp = new StubResponder(RevocationStatus.Good);
        await AskAsync(RevocationSources.InOrder(order, _crls, crlFetcher: null, ocsp));

        ocsp.Asked.Should().Be(0);
    }

    [Fact]
    public async Task WithoutOcsp_CrlsAloneAreAsked()
    {
        Load(RevocationStatus.Good);
        (await AskAsync(RevocationSources.InOrder(RevocationOrder.OcspFirst, _crls, crlFetcher: null, ocsp: null))).Should().Be(RevocationStatus.Good);
    }

    private void Load(RevocationStatus status)
    {
        if (status != RevocationStatus.Unknown)
        {
            _crls.Load("crl", _root.CreateCrl(status == RevocationStatus.Revoked ? [_leaf.Certificate] : [])).Should().BeNull();
        }
    }

    private async Task<RevocationStatus> AskAsync(IReadOnlyList<IRevocationSource> sources)
    {
        var question = CrlQuestions.About(_leaf.Certificate, _root);
        foreach (var source in sources)
        {
            if (await source.CheckAsync(question, CancellationToken.None) is { Status: not RevocationStatus.Unknown } answer)
            {
                return answer.Status;
            }
        }

        return RevocationStatus.Unknown;
    }

    private sealed class StubResponder(RevocationStatus status) : IRevocationSource
    {
        public int Asked { get; private set; }

        public long Generation => 0;

        public ValueTask<RevocationAnswer> CheckAsync(RevocationQuestion question, CancellationToken cancellationToken)
        {
            Asked++;
            return new(new RevocationAnswer(status, "stub", DateTimeOffset.MaxValue));
        }
    }
}
