using System.Xml;
using System.Xml.Linq;

namespace MtlsSidecar.Demo.Services;

/// <summary>The service <c>users</c>: SOAP 1.1 with one operation, <c>GetUser</c>.</summary>
internal static class UsersService
{
    public const string Endpoint = "/soap/users";

    /// <summary>What the operation asks: who is user 1?</summary>
    public static string GetUserRequest => Envelope(new XElement(Users + "GetUser", new XElement(Users + "Id", 1))).ToString();

    private static XNamespace Soap { get; } = "http://schemas.xmlsoap.org/soap/envelope/";

    private static XNamespace Users { get; } = "urn:example:users";

    /// <summary>Maps its endpoint.</summary>
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapPost(Endpoint, AnswerAsync);

    private static async Task<IResult> AnswerAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = XmlReader.Create(request.Body, new XmlReaderSettings { Async = true, DtdProcessing = DtdProcessing.Prohibit });
            var document = await XDocument.LoadAsync(reader, LoadOptions.None, cancellationToken);
            return document.Descendants(Users + "Id").FirstOrDefault()?.Value == "1"
                ? Xml(StatusCodes.Status200OK, new XElement(Users + "GetUserResponse", new XElement(Users + "Name", "Ada Lovelace"), new XElement(Users + "AskedBy", Caller.Of(request).Id)))
                : Fault("There is no such user.");
        }
        catch (XmlException)
        {
            return Fault("The request is no XML.");
        }
    }

    /// <summary>SOAP 1.1 §6.2: a fault goes with status 500.</summary>
    private static IResult Fault(string text)
        => Xml(StatusCodes.Status500InternalServerError, new XElement(Soap + "Fault", new XElement("faultcode", "soap:Client"), new XElement("faultstring", text)));

    private static IResult Xml(int status, XElement content)
        => Results.Text(Envelope(content).ToString(), "text/xml; charset=utf-8", statusCode: status);

    private static XElement Envelope(XElement content)
        => new(Soap + "Envelope", new XAttribute(XNamespace.Xmlns + "soap", Soap.NamespaceName), new XElement(Soap + "Body", content));
}
